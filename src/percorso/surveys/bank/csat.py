from percorso.i18n import mark
from percorso.surveys.bank._questions import page, satisfied, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import MORE, say
from percorso.surveys.definition import Page


class ContactCSAT(Template):
    label = mark("Satisfaction after a contact (CSAT)")
    about = mark("Was the customer satisfied with the help that they got? Send it within a day of the contact.")
    indicators = ("csat",)
    title = say("How was our support?", "Como foi o nosso atendimento?", "Com'è stata la nostra assistenza?")

    def pages(self) -> list[Page]:
        text = say(
            "How satisfied are you with the support that you received?",
            "Quão satisfeito(a) você ficou com o atendimento que recebeu?",
            "Quanto sei soddisfatto/a dell'assistenza che hai ricevuto?",
        )
        return [page("contact", satisfied("csat", text), why("more", MORE))]
