"""The help of the reports' pages."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "boards_reports": (
        mark("Reports"),
        (
            mark("A report sends a board by mail, with pictures and as a PDF, every day, week or month. Recipients need no account."),
            mark("Each recipient gets it in their language, at the hour of their time zone. All see the same figures: days are those of the workspace."),
        ),
    ),
    "boards_report": (
        mark("One report"),
        (
            mark("“Preview” shows what would be sent today; “Send now” sends it, to all or to you alone, and leaves the schedule as it is."),
            mark("What was sent stays as it was made: open an issue, and it shows its figures of then, with the versions of the definitions."),
            mark("A mail that fails is sent again by itself, later and later. What the mail server said stands beside it; an address that was refused is not tried again until you do."),
        ),
    ),
    "boards_report_new": (
        mark("Schedule a report"),
        (
            mark("A report of the last month on the first day at 8 goes out when it is 8 in the morning where the recipient is, but never before the month is over in the workspace's time zone."),
            mark("New recipients begin with the next issue. Every mail has a link by which its recipient leaves."),
        ),
    ),
    "boards_issue": (
        mark("An issue of a report"),
        (
            mark("Figures, words and definitions as they were when it was made, in the language of its recipients. Facts that came later do not change it."),
        ),
    ),
}  # fmt: skip
HELP["boards_report_change"] = HELP["boards_report_new"]
HELP["boards_report_preview"] = HELP["boards_issue"]
