from percorso.analytics.methods.invitations import Invitations
from percorso.i18n import mark


class CompletionRate(Invitations):
    label = mark("Survey completion rate")
    about = mark("Of those who started the survey, how many finished it?")
    formula = mark("finished / started, both within 14 days of sending")
    kind, nature = "process", "leading"
    outcome, base = "completed", "started"
