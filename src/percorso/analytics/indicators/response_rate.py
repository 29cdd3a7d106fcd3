from percorso.analytics.methods.invitations import Invitations
from percorso.i18n import mark


class ResponseRate(Invitations):
    label = mark("Survey response rate")
    about = mark("How many of the invited people answered?")
    formula = mark("answered in full or in part within 14 days / (sent − bounced)")
    kind, nature = "input", "leading"
    outcome, base = "responded", "delivered"
