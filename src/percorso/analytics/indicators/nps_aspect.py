import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.net import NetPromoter
from percorso.i18n import mark


class NpsAspect(NetPromoter):
    label = mark("Net Promoter Score per aspect")
    about = mark("Which part of the experience would customers recommend: service, product, after-sales, the company?")
    level, kind, nature = "strategic", "impact", "leading"
    always_by = ("aspect",)
    exclusions = (
        mark("Answers off the scale, not a whole number or not given are left out and counted; nothing is clamped."),
        mark("Only answers that name an aspect count."),
    )
    traps = (
        mark("The mean of the aspects is not the overall score."),
        mark("Aspects are asked of different people at different moments: compare an aspect with its own past first."),
    )
    literature = (
        "Reichheld F (2003) The one number you need to grow, Harvard Business Review 81",
        "Rocks B (2016) Interval estimation for the Net Promoter Score, The American Statistician 70",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = super().rows(ask)
        return t.filter(t.aspect.notnull())
