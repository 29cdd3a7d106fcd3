"""The help of the pages about frequency and features."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "usage": (
        mark("Frequency"),
        (
            mark("How many customers were active on a day, within 7 days and within 28 (every weekday four times), and on how many days each came. Active is who did anything: a page, a click, an order."),
            mark("Stickiness is the mean of the daily active customers divided by the active customers of the period. What is good depends on what you offer: a shop for coffee cannot be as sticky as a chat."),
            mark("Each step's customers are new (first time ever), returning (also active the step before) or resurrected (back after a whole step away). Below the line are the dormant: active the step before, and not in this one. “Won for each lost” above 1 means that the number of active customers grows."),
            mark("A step that is not over has no dormant customers yet: whoever is missing may still come. The very first step of your events makes everybody new."),
        ),
    ),
    "usage_features": (
        mark("Features"),
        (
            mark("Which share of the active customers used each feature, with its interval; how that changed against the days that you compare with; and how it goes over time. Verdicts are adjusted for the number of features."),
            mark("Features that nobody used in the period are listed by themselves: those that somebody used before, and those that you name as the ones that matter. Ask why: unknown, hard to find, or not needed?"),
            mark("A feature is told by the event “Feature Used” and its property “feature”, unless the workspace says otherwise: it can be any event's name, page or property."),
            mark("Few users are no failure of a feature for few. Choose the segment that it is made for."),
        ),
    ),
    "usage_features_choose": (
        mark("Choose features"),
        (
            mark("Name the features that matter, one a line, as your events name them. They stay in the list when nobody uses them; every other feature comes in by itself when somebody uses it."),
            mark("If your events do not say “Feature Used”, tell here what names a feature: with an empty event and the column “name”, every event is a feature; with “page”, every page."),
        ),
    ),
}  # fmt: skip
