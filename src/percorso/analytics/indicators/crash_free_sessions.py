import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.occurrences import names_of
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.methods.units import PerUnit
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark

# Taken from the events of a session; the largest where they differ, so that every engine takes the same.
KEPT = ("customer", "identity", "channel", "touchpoint", "device", "page", "properties")


class CrashFreeSessions(PerUnit, Proportion):
    label = mark("Crash-free sessions / users")
    about = mark("How reliable is the app?")
    formula = mark(
        "users without a crashed session / users; beside it sessions that did not crash / sessions, and sessions that were not healthy / sessions"
    )
    table = "events"
    family = "product"
    better = "higher"
    time = mark("when the session began")
    materiality = 0.005
    level, kind, nature = "tactical", "input", "leading"
    segments = ("device", "channel", "touchpoint", "customer.country")
    options = {
        "ended": Option(mark("name of the event that tells the status of a session"), default="Session Ended"),
        "opened": Option(mark("names of the events that begin a session"), default="Application Opened"),
        "crashed": Option(mark("names of the events that are a crash"), default="Application Crashed"),
        "errored": Option(mark("names of the events that are a handled error"), default=""),
    }  # fmt: skip
    exclusions = (
        mark("A handled error is no crash; it makes the session unhealthy."),
        mark("Sessions of nobody in particular count among the sessions only."),
    )
    traps = (
        mark(
            "The figure is of users: crashes of one user's sessions go together, so sessions look surer than they are."
        ),
        mark(
            "Who crashes at the start has many short sessions, and who gives up has none: watch the active users too."
        ),
    )
    literature = ("Sentry documentation: release health, session status",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("events")
        o = ask.options
        opened, crashed, errored = (names_of(o[name]) for name in ("opened", "crashed", "errored"))
        t = t.filter(t.name.isin([o["ended"], *opened, *crashed, *errored]), ask.known(t.at))
        status = ibis.ifelse(t.name == o["ended"], ask.engine.json_text(t.properties, "status"), ibis.null("string"))
        t = t.mutate(
            visit=ibis.coalesce(t.session, t.id),
            crash=(t.name.isin(crashed) | (status == "crashed").fill_null(False)).cast("int64"),
            trouble=(
                t.name.isin([*crashed, *errored]) | status.isin(["crashed", "errored", "abnormal"]).fill_null(False)
            ).cast("int64"),
        )  # fmt: skip
        kept = {name: t[name].max() for name in KEPT}
        return t.group_by("visit").aggregate(moment=t.at.min(), crash=t.crash.max(), trouble=t.trouble.max(), **kept)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"sessions": t.count(), "crashes": t.crash.sum(), "troubles": t.trouble.sum()}

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.unit.notnull()

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.crashes == 0

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {name: t[name].sum() for name in ("sessions", "crashes", "troubles")}

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return None

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures(p, ask)
        free = wilson(p["sessions"] - p["crashes"], p["sessions"], ask.confidence)
        with np.errstate(invalid="ignore", divide="ignore"):
            details = {
                **f.details,
                "crash_free_sessions": np.asarray(free.value),
                "sessions_low": np.asarray(free.low),
                "sessions_high": np.asarray(free.high),
                "unhealthy_session_rate": p["troubles"] / p["sessions"],
            }
        return Figures(f.value, f.low, f.high, f.n, details)
