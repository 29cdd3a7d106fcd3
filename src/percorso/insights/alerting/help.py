"""The help of the alerts' pages."""

from percorso.base.help import Entry
from percorso.i18n import mark

_WATCH = (
    mark("Alert and preview"),
    (
        mark("Choose the indicators and, if you like, a segment. With no indicators ticked, the alert follows the overview, also when the team chooses others."),
        mark("“Preview on the past” shows when the alert would have come in the last twelve months, with the days marked in the series, and an estimate of how many false alarms chance alone makes. It goes on when you leave the page; the same settings bring it back. Change the settings until it tells what you want to know."),
        mark("The settings that stand there are those with which twenty indicators watched daily give at most one false alarm a month. Lower limits find smaller changes, and more that is none."),
        mark("When it is switched on, what is already so is shown on the page, and nobody is told of it."),
    ),
)  # fmt: skip

HELP: dict[str, Entry] = {
    "alerts": (
        mark("Alarms"),
        (
            mark("An alarm says what moved, since when probably, and how often chance alone would do this. Figures that moved together by one cause make one alarm and one message."),
            mark("The groups named below the sentence explain most of the move: begin to look there. The small series has the days of the change marked."),
            mark("Snooze what you cannot look at now; it comes back then. Close it when the cause is known. An alarm closes by itself when its figures have been as usual for seven days (weeks, months)."),
        ),
    ),
    "alerts_alarm": (
        mark("One alarm"),
        (
            mark("In each series, 1 marks where the change probably began, and 2 the day whose figure made it an alarm."),
            mark("The share of the move tells how much of the difference a group explains: by its own figure and by making more or less of the whole. Above 100%, others move against it."),
            mark("The indicator's page opens at these days, broken down by what explains the move."),
        ),
    ),
    "alerts_watches": (
        mark("What is watched"),
        (
            mark("Each alert looks at some indicators every morning, and again when an import has finished. Only whole days, weeks or months are judged."),
            mark("A snoozed alert keeps its alarms and tells nobody. One that is off looks at nothing."),
        ),
    ),
    "alerts_watch_new": _WATCH,
    "alerts_watch": _WATCH,
}  # fmt: skip
