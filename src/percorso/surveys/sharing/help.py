"""Help of these pages."""

from percorso.i18n import mark

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "survey_share": (
        mark("Link and site"),
        (
            mark("Every way to a survey that needs no message: a link, a code to print, a tablet at the counter, a window on your site."),
            mark("Say where a link or code will be, and make one for each place: answers can then be told apart by it."),
            mark("The widget needs one line in your pages. What you change here afterwards holds without touching them again."),
            mark("It sets no cookie, and keeps nothing on a visitor's device before your site says that they agreed."),
        ),
    ),
    "survey_share_poster": (
        mark("Poster"),
        (mark("Print it in the size that you chose, at 100 %. The code holds your place and campaign."),),
    ),
}  # fmt: skip
