import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.active_customers import ActiveCustomers
from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.occurrences import occurrences, says_yes
from percorso.i18n import mark


class ReferralRate(ActiveCustomers):
    label = mark("Referral rate")
    about = mark("What share of customers actually refer somebody?")
    formula = mark("customers active at the start with a referral in the period / customers active at the start")
    options = {
        "referral": Option(mark("names of the events that are a referral"), default="Referral Sent, Invite Sent"),
    }  # fmt: skip
    exclusions = (
        mark("Who became a customer after the start is not in the base, and neither are their referrals."),
        mark("Conversion of referrals counts all referrals of the period: property converted is true / all."),
    )
    traps = (mark("Saying that one would recommend is not recommending: read it beside the Net Promoter Score."),)
    literature = ("Kumar, Petersen, Leone (2007) How valuable is word of mouth?, Harvard Business Review",)

    def acts(self, ask: Ask) -> ir.Table:
        t = occurrences(ask, "referral")
        return t.mutate(converted=says_yes(t, "converted", ask))

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures(p, ask)
        with np.errstate(invalid="ignore", divide="ignore"):
            conversion = np.where(p["acts"] > 0, p["converted"] / p["acts"], np.nan)
        details = {**f.details, "referrals": p["acts"].astype(np.int64), "referral_conversion": conversion}
        return Figures(f.value, f.low, f.high, f.n, details)
