from percorso.analytics.methods.invitations import Invitations
from percorso.i18n import mark


class ResponseRate(Invitations):
    label = mark("Survey response rate")
    about = mark("How many of the invited people answered?")
    formula = mark("answered in full or in part within 14 days / (sent − bounced)")
    kind, nature = "input", "leading"
    outcome, base = "responded", "delivered"
    exclusions = (
        mark("Invitations that bounced, and customers who were kept back on purpose, are not part of the base."),
        mark("Invitations younger than the window wait aside until it has passed, answered or not."),
    )
    traps = (
        mark("A low rate is not yet a bias, a high one no proof of none: compare who answered with who was asked."),
        mark("Counting answers by the day they came, against invitations sent that day, mixes two groups."),
    )
    literature = (
        "AAPOR, Standard Definitions: final dispositions of case codes and outcome rates for surveys",
        "Groves R (2006) Nonresponse rates and nonresponse bias in household surveys, Public Opinion Quarterly 70",
    )
