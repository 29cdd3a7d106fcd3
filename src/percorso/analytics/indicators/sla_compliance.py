import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.proportion import Proportion
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

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("promises")
        t = t.filter(~t.cancelled.fill_null(False))
        due = ask.known(t.due_at).fill_null(False)
        kept = (t.kept_at <= t.due_at).fill_null(False)
        return t.mutate(moment=t.due_at, counts=due, hit=kept)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"pending": t.count(where=~t.counts), "breached": t.count(where=t.counts & ~t.hit)}
