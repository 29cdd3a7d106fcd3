"""The help of the figures' pages."""

from percorso.i18n import mark
from percorso.insights import programme_help
from percorso.insights.alerting.help import HELP as ALERTS
from percorso.insights.boards.help import HELP as BOARDS
from percorso.insights.reports.help import HELP as REPORTS
from percorso.insights.value.help import HELP as VALUE

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "overview": (
        mark("Overview"),
        (
            mark("What changed stands first: only figures that differ by more than chance explains, bad news before good news. Open one to see where the change comes from."),
            mark("Each card shows the figure, its 95% interval and how many facts it stands on. A pale figure stands on too few facts to rely on."),
            mark("Period, comparison and filters above apply to all pages and stay while you move around. The address tells all of it: send it to a colleague, and they see the same."),
            mark("Too many cards? “Choose indicators” lets the team show only those that matter, in its own order."),
        ),
    ),
    "overview_choose": (
        mark("Choose indicators"),
        (
            mark("Tick what the overview shows, and move it up or down. The choice holds for everybody in the workspace."),
            mark("With nothing ticked, the overview shows all indicators. What changed is always told for all of them."),
        ),
    ),
    "indicators": (
        mark("Indicators"),
        (
            mark("Every figure that percorso knows, with the question it answers. Search by a word of its name, question or formula."),
            mark("Strategic indicators tell where the company stands, tactical ones how an area does, managerial ones what a team steers day by day. Leading ones move first, lagging ones confirm."),
            mark("An indicator without data says what has to be imported."),
        ),
    ),
    "indicator": (
        mark("One indicator"),
        (
            mark("The band around the line is the 95% interval: two points whose bands overlap a lot may well be the same. Hollow points stand on too few facts or on an unfinished step."),
            mark("“Compared with” can be earlier days, everybody else, or another group of the same days. A verdict is given only where chance is ruled out."),
            mark("Break the figure down by one or two columns to see where it differs. Annotations tell what happened on a day; “Facts” shows the single rows, and “Download” takes figures and pictures along."),
            mark("Definition and SQL at the bottom leave nothing to guess."),
        ),
    ),
    "indicator_definition": (
        mark("Definition of an indicator"),
        (
            mark("Everything that a figure means: its question and formula, what is left out, how sure it is, and from how many facts on it can be relied on."),
            mark("Read the traps before you set a target. Each tag leads to the indicators of the same class."),
            mark("Variants change the definition, never compare figures of different ones. The version says which definition a stored report was made with."),
            mark("The facts that it needs can be imported as files, or sent over the REST interface."),
        ),
    ),
    "facts_behind": (
        mark("Facts behind a figure"),
        (
            mark("The rows that the indicator counts in the chosen period and segment, the newest first. Rows that the definition leaves out later, such as invalid scores, are shown too."),
            mark("A customer's id leads to everything known about this customer. Roles without personal data cannot open this page."),
        ),
    ),
    "indicators_annotate": (
        mark("Annotations"),
        (
            mark("Write down what happened on a day: a new carrier, a price change, an outage. Whoever sees the figure move later knows why."),
            mark("An annotation stands on one indicator, or on all of them. Never write about a single customer here: everybody in the workspace reads it."),
        ),
    ),
}  # fmt: skip
HELP["indicators_annotation"] = HELP["indicators_annotate"]
HELP |= programme_help.HELP
HELP |= BOARDS | REPORTS | ALERTS | VALUE
