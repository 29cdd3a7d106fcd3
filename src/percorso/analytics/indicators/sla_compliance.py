import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.business_time import with_due
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.methods.tickets import ticket_facts
from percorso.i18n import mark


class SlaCompliance(Proportion):
    label = mark("SLA compliance")
    about = mark("Did we keep our promise?")
    formula = mark("kept by the due time / (kept + broken); done on the second counts as kept")
    table = "promises"
    family = "service"
    better = "higher"
    time = mark("when it was due; a promise counts only once its due time has come")
    knows_future = True
    level, kind, nature = "tactical", "process", "leading"
    segments = ("kind", "priority", "team", "channel", "customer.country")
    options = {
        "target_seconds": Option(
            mark("measure tickets against this target instead of the promises that the source gives")
        ),
        "target": Option(
            mark("what the target is for, counted from the opening"),
            default="resolution",
            choices=("resolution", "first_reply"),
        ),
        "hours": Option(
            mark("calendar or business hours of the target"), default="calendar", choices=("calendar", "business")
        ),
    }
    signal = True
    exclusions = (
        mark("Promises that were taken back count nowhere."),
        mark("A promise counts once its due time has come, also when it was kept early."),
    )
    traps = (
        mark("Counting early successes before they are due flatters the running month."),
        mark("A promise moved to a later day is no longer broken: watch changes of due times."),
        mark("Kept to 95 % says nothing of how late the rest was."),
    )
    literature = (
        "ISO/IEC 20000-1:2018 Service management system requirements",
        "Wilson E (1927) Probable inference, the law of succession, and statistical inference, Journal of the American Statistical Association 22",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = _promises(ask) if ask.options["target_seconds"] is None else _targets(ask)
        due = ask.known(t.due_at).fill_null(False)
        kept = (t.kept_at <= t.due_at).fill_null(False)
        return t.mutate(moment=t.due_at, counts=due, hit=kept)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"pending": t.count(where=~t.counts), "breached": t.count(where=t.counts & ~t.hit)}


def _promises(ask: Ask) -> ir.Table:
    t = ask.table("promises")
    return t.filter(~t.cancelled.fill_null(False))


def _targets(ask: Ask) -> ir.Table:
    """Return the tickets as promises: due when the target is used up, in calendar or business time."""
    first_reply = ask.options["target"] == "first_reply"
    t = ticket_facts(ask, "reply" if first_reply else "resolution")
    t = t.filter(t.initiated_by.isnull() | (t.initiated_by != "agent"))
    t = with_due(t, "opened_at", float(ask.options["target_seconds"]), "due_at", ask)
    return t.mutate(
        due_at=ask.engine.from_epoch_us(t.due_at_us),
        kept_at=t.first_reply if first_reply else t.first_resolved,
        kind=ibis.literal(ask.options["target"]),
    )
