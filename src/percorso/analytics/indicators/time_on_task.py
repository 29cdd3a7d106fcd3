from dataclasses import replace

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Indicator, Parts
from percorso.analytics.methods.mean import compare_means, mean_of, mean_parts
from percorso.analytics.methods.questionnaires import readable
from percorso.analytics.statistics.comparisons import Comparison
from percorso.i18n import mark


class TimeOnTask(Indicator):
    label = mark("Time on task")
    about = mark("How long does the task take?")
    formula = mark("geometric mean of the seconds of completed attempts: exp(mean of ln seconds)")
    table = "answers"
    family = "research"
    metrics = ("task_time", "task_success")
    unit = "seconds"
    better = "lower"
    method = "geometric mean"
    time = mark("when the task was tried")
    interval = mark("Student's t interval of the mean logarithm, turned back into seconds")
    test = mark("Welch's t test of the logarithms")
    minimum_n = 5
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    level, kind, nature = "tactical", "process", "leading"
    segments = ("question", "survey", "channel", "touchpoint")
    exclusions = (
        mark("Attempts that failed: a task success of 0 of the same person, study and task."),
        mark("Times of 0, below 0 or missing are invalid and counted."),
    )
    traps = (
        mark(
            "The arithmetic mean is pulled up by the one who went for a coffee; the geometric mean and the median agree."
        ),
        mark(
            "Fewer people who succeed make the task look faster, because the slow ones gave up: read it with task success."
        ),
        mark("Compare the same task only, and the same way of testing: thinking aloud takes longer."),
    )
    literature = ("Sauro J, Lewis J (2010) Average task times in usability tests: what to report?, Proc. CHI",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("answers")
        t = t.filter(t.metric.isin(self.metrics), ask.known(t.at))
        t = t.mutate(person=ibis.coalesce(t.customer, t.identity, t.id))
        lost = ((t.metric == "task_success") & (t.score == 0)).fill_null(False).cast("int64")
        attempt = ibis.window(group_by=[t.person, t.interaction, t.question])
        t = t.mutate(failed=lost.max().over(attempt) == 1)
        t = t.filter(t.metric == "task_time")
        positive = (readable(t.score) & (t.score > 0)).fill_null(False)
        # Engines evaluate the logarithm of rows that do not count, too.
        log = ibis.ifelse(positive, t.score, 1.0).ln()
        return t.mutate(moment=t.at, log=log, counts=positive & ~t.failed, invalid=~positive & ~t.failed)

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            **mean_parts(t, t.log, t.counts),
            "seconds": t.score.sum(where=t.counts),
            "n_invalid": t.count(where=t.invalid),
            "n_failed": t.count(where=t.failed),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        logs = mean_of(p, ask)
        n = np.where(p["n"] > 0, p["n"], np.nan)
        with np.errstate(over="ignore"):
            value, low, high = np.exp(logs.value), np.exp(logs.low), np.exp(logs.high)
        details = {
            "arithmetic_mean": p["seconds"] / n,
            "interval_note": np.atleast_1d(logs.note),
            "n_invalid": p["n_invalid"].astype(np.int64),
            "n_failed": p["n_failed"].astype(np.int64),
        }
        return Figures(value, low, high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        test = compare_means(p, a, b, ask)
        # The bounds are of a ratio of times, which is no difference in seconds.
        return test and replace(test, difference=None, low=None, high=None)
