import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Parts
from percorso.analytics.methods.durations import Durations, state_of
from percorso.analytics.statistics.comparisons import Comparison, mean_difference
from percorso.i18n import mark


class AverageHandlingTime(Durations):
    label = mark("Average handling time")
    about = mark("How long does a person work on a contact?")
    formula = mark("(talking + hold + after-work) / contacts handled; waiting in the queue is not part of it")
    table = "contacts"
    family = "service"
    better = None
    time = mark("when the contact ended")
    interval = mark("Student's t interval of the mean")
    test = mark("Welch's t test")
    headline = "mean"
    minimum_n = 30
    level, kind, nature = "managerial", "process", "lagging"
    segments = ("channel", "queue", "topic", "team", "agent")
    exclusions = (
        mark("A contact with a missing or negative part is invalid, never 0; it is left out and counted."),
        mark("Waiting in the queue is not part of it."),
    )
    traps = (
        mark("Neither short nor long is good by itself: pressing it down raises repeats and transfers."),
        mark("Easy contacts that move to self-service leave the hard ones: the mean rises while all goes well."),
    )
    literature = (
        "Brown L and others (2005) Statistical analysis of a telephone call center, Journal of the American Statistical Association 100",
        "Gans N, Koole G, Mandelbaum A (2003) Telephone call centers: tutorial, review, and research prospects, Manufacturing & Service Operations Management 5",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("contacts")
        t = t.filter(t.handled.fill_null(False), ~t.by_bot.fill_null(False))
        split = t.talk_seconds.notnull() | t.hold_seconds.notnull() | t.wrap_seconds.notnull()
        # A missing or negative part makes the contact invalid, not 0.
        bad = (t.talk_seconds < 0) | (t.hold_seconds < 0) | (t.wrap_seconds < 0)
        whole = t.talk_seconds + t.hold_seconds + t.wrap_seconds
        seconds = ibis.ifelse(split, ibis.ifelse(bad.fill_null(True), ibis.null("float64"), whole), t.handle_seconds)
        valid = (seconds >= 0).fill_null(False)
        return t.mutate(
            moment=ibis.coalesce(t.ended_at, t.at),
            duration_us=(seconds * 1e6).round().cast("int64"),
            state=state_of(valid, ~valid),
        )

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        x, y = p["distribution"][a], p["distribution"][b]
        if x is None or y is None or not x.n or not y.n:
            return None
        return mean_difference(x.n, x.mean, x.variance, y.n, y.mean, y.variance, ask.confidence)
