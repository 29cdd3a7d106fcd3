from datetime import datetime

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.ratio import Ratio
from percorso.analytics.methods.sessions import session_moments, sessions
from percorso.i18n import mark

ENGAGED_SECONDS = 10
ENGAGED_PAGES = 2


class SessionMetrics(Ratio):
    label = mark("Session metrics (sessions, duration, pages, bounce, engaged)")
    about = mark("What does a visit look like?")
    formula = mark(
        "seconds from the first to the last event of visits / visits; a visit ends with 30 minutes without an event; engaged = longer than 10 s, two or more pages, or a key event; bounce = not engaged"
    )
    table = "events"
    family = "product"
    unit = "seconds"
    better = None
    time = mark("when the visit began; a visit is never cut at midnight")
    materiality = 0.05
    relative_materiality = True
    level, kind, nature = "tactical", "process", "leading"
    segments = ("device", "channel", "page", "customer.country")
    options = {
        "gap_seconds": Option(mark("seconds without an event after which a new visit begins"), default=1800),
        "pages": Option(mark("names of the events that are page views"), default="Page Viewed"),
        "key_events": Option(
            mark("names of the events that make a visit engaged, beside those with the property key_event"),
            default="Order Completed, Signed Up",
        ),
    }  # fmt: skip
    exclusions = (
        mark("Events of nobody in particular belong to no visit."),
        mark("A visit with one event lasts 0 seconds and stays in the mean."),
    )
    traps = (
        mark("Time on the last page is unknown: real visits are longer. The median shows how many are of one event."),
        mark("Longer is not better: who finds at once what is needed leaves early."),
    )
    literature = ("Google Analytics 4 help: engaged sessions, session timeout of 30 minutes",)

    def rows(self, ask: Ask) -> ir.Table:
        t = sessions(ask, self._gap(ask), ask.options["pages"], ask.options["key_events"])
        long = t.duration_us > ENGAGED_SECONDS * 1_000_000
        engaged = long | (t.pages >= ENGAGED_PAGES) | (t.key_events > 0)
        return t.mutate(engaged=engaged.cast("int64"))

    def moments(self, ask: Ask) -> dict[str, datetime]:
        return session_moments(ask, self._gap(ask))

    def _gap(self, ask: Ask) -> float:
        return float(ask.options["gap_seconds"])

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            "y": t.duration_us.sum() / 1e6,
            "x": t.count(),
            "pages": t.pages.sum(),
            "engaged": t.engaged.sum(),
        }

    def others(self, u: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"pages": u.pages.sum(), "engaged": u.engaged.sum()}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        middle = {"min_median_seconds": ask.engine.median(t.duration_us / 1e6)}
        medians = t.group_by(cells).aggregate(**middle) if cells else t.aggregate(**middle)
        return [*super().expressions(t, cells, ask), medians]

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures({name: values for name, values in p.items() if name != "min_median_seconds"}, ask)
        visits = p["x"]
        with np.errstate(invalid="ignore", divide="ignore"):
            engaged = p["engaged"] / visits
            details = {
                "sessions": visits.astype(np.int64),
                "users": p["n"].astype(np.int64),
                "median_seconds": np.asarray(p["min_median_seconds"]),
                "pages_per_session": p["pages"] / visits,
                "bounce_rate": 1 - engaged,
                "engaged_rate": engaged,
                "sessions_per_user": visits / p["n"],
            }
        return Figures(f.value, f.low, f.high, f.n, details)
