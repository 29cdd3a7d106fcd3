from percorso.analytics.methods.invitations import Invitations
from percorso.i18n import mark


class CompletionRate(Invitations):
    label = mark("Survey completion rate")
    about = mark("Of those who started the survey, how many finished it?")
    formula = mark("finished / started, both within 14 days of sending")
    kind, nature = "process", "leading"
    outcome, base = "completed", "started"
    exclusions = (
        mark("Who never opened the survey is not part of the base."),
        mark("Invitations younger than the window wait aside until it has passed."),
    )
    traps = (
        mark("Shorter surveys are finished more often: compare the same questionnaire only."),
        mark("Opens by mail programs are no people; only starts by a person count."),
    )
    literature = (
        "AAPOR, Standard Definitions: final dispositions of case codes and outcome rates for surveys",
        "Galesic M, Bosnjak M (2009) Effects of questionnaire length on participation and indicators of response quality in a web survey, Public Opinion Quarterly 73",
    )
