import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.acts import advocacy
from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.net import PROMOTER, TOP
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class PromoterAdvocacyRate(Proportion):
    label = mark("Promoter advocacy rate")
    about = mark("Do promoters do what they said?")
    formula = mark(
        "promoters with a referral, review or reference within 90 days after the answer / promoters by their latest answer"
    )
    table = "answers"
    family = "commerce"
    better = "higher"
    time = mark("when it was answered; counted once the window has passed")
    additive = False
    level, kind, nature = "strategic", "impact", "lagging"
    segments = ("channel", "touchpoint", "customer.country", "customer.segment", "customer.plan")
    options = {
        "window_days": Option(mark("days after the answer in which the act must follow"), default=90),
        "acts": Option(
            mark("names of the events that recommend us; good reviews count as well"),
            default="Referral Sent, Invite Sent, Review Posted, Reference Given",
        ),
    }  # fmt: skip
    exclusions = (
        mark("Only the latest answer of a customer in the period decides; anonymous answers are left out."),
        mark("Promoters whose answer is younger than the window are left out, those who acted too."),
    )
    traps = (mark("Acts that we do not see (talking with friends) are missing: it is a lower bound."),)
    literature = ("Reichheld (2003) The one number you need to grow, Harvard Business Review",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("answers")
        t = t.filter(
            t.metric == "nps",
            (t.population == "customer") | t.population.isnull(),
            (t.aspect == "company") | t.aspect.isnull(),
            ((t.score >= 0) & (t.score <= TOP) & (t.score % 1 == 0)).fill_null(False),
            ibis.coalesce(t.customer, t.identity).notnull(),
        )
        t = t.mutate(moment=t.at, whose=ibis.coalesce(t.customer, t.identity))
        acts = advocacy(ask)
        t = t.asof_join(acts, t.moment <= acts.act_at, predicates=[t.whose == acts.advocate]).drop("advocate")
        window = ibis.interval(days=int(ask.options["window_days"]))
        return t.mutate(
            promoter=t.score >= PROMOTER,
            mature=ask.known(t.moment + window),
            hit=(t.act_at <= t.moment + window).fill_null(False),
        )

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        """Mark the latest valid answer of each customer within the cell."""
        newest = ibis.window(group_by=[*cells, "whose"], order_by=[ibis.desc(t.moment), ibis.desc(t.id)])
        return t.mutate(turn=ibis.row_number().over(newest))

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return (t.turn == 0) & t.promoter & t.mature

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"immature": t.count(where=(t.turn == 0) & t.promoter & ~t.mature)}

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return None
