import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.net import NetPromoter
from percorso.i18n import mark


class Nps(NetPromoter):
    label = mark("Net Promoter Score")
    about = mark("How many more customers would recommend us than would warn others off?")
    level, kind, nature = "strategic", "impact", "leading"
    segments = ("channel", "touchpoint", "customer.country", "customer.plan", "customer.segment", "team")

    def rows(self, ask: Ask) -> ir.Table:
        # Answers about one aspect are figures of their own (nps_aspect) and never pooled into this one.
        t = super().rows(ask)
        return t.filter(t.aspect.isnull() | (t.aspect == "company"))
