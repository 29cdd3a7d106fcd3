import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.net import NetPromoter
from percorso.i18n import mark


class NpsAspect(NetPromoter):
    label = mark("Net Promoter Score per aspect")
    about = mark("Which part of the experience would customers recommend: service, product, after-sales, the company?")
    level, kind, nature = "strategic", "impact", "leading"
    always_by = ("aspect",)

    def rows(self, ask: Ask) -> ir.Table:
        t = super().rows(ask)
        return t.filter(t.aspect.notnull())
