from percorso.i18n import mark
from percorso.surveys.bank._questions import chosen, page, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import NO, YES, say
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Page


class FirstContact(Template):
    label = mark("Solved at the first contact (FCR)")
    about = mark("The customer says whether one contact was enough; who says no is asked what is still open.")
    indicators = ("fcr",)
    title = say("Did we solve it?", "Conseguimos resolver?", "Abbiamo risolto?")

    def pages(self) -> list[Page]:
        text = say(
            "Was your problem solved at the first contact?",
            "Seu problema foi resolvido no primeiro contato?",
            "Il tuo problema è stato risolto al primo contatto?",
        )
        options = [{"id": "yes", "text": YES, "score": 1}, {"id": "no", "text": NO, "score": 0}]
        still = say("What is still open?", "O que ainda falta resolver?", "Che cosa resta da risolvere?")
        return [
            page("contact", chosen("fcr", text, options, metric="fcr", required=True)),
            page("open", why("still_open", still), when=Condition(question="fcr", among=["no"])),
        ]
