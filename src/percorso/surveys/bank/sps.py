from percorso.i18n import mark
from percorso.surveys.bank._questions import page, satisfied, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import IMPROVE, WHY, say
from percorso.surveys.definition import Page


class PartnerSatisfaction(Template):
    label = mark("Partners' satisfaction (SPS)")
    about = mark("How satisfied dealers, installers and carriers are with you as a partner, and what to change.")
    population = "partner"
    indicators = ("sps",)
    title = say("Working with us", "Trabalhar conosco", "Lavorare con noi")

    def pages(self) -> list[Page]:
        text = say(
            "How satisfied are you with {company} as a partner?",
            "Quão satisfeito(a) você está com a {company} como parceira?",
            "Quanto sei soddisfatto/a di {company} come partner?",
        )
        asked = satisfied("sps", text, metric="sps")
        return [page("score", asked, why(text=WHY)), page("better", why("better", IMPROVE))]
