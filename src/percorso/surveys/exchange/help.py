"""Help of these pages."""

from percorso.i18n import mark

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "survey_import": (
        mark("Bringing a survey along"),
        (
            mark("Give the questionnaire of another system, the answers to it, or both. Nothing is stored before you have seen what it will become."),
            mark("Logic, scores, translations and quotas come along as far as they can be said here. What cannot is listed before you import, never dropped silently."),
        ),
    ),
    "survey_import_look": (
        mark("What will be imported"),
        (
            mark("Of a table without its questionnaire the types are guessed from names and values. Correct them and look again."),
            mark("A survey with answers arrives paused: open it in its settings when it may ask again."),
            mark("The same answers given twice are kept once. An import that was stopped goes on where it was."),
        ),
    ),
}  # fmt: skip
