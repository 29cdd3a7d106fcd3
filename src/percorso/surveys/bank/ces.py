from percorso.i18n import mark
from percorso.surveys.bank._questions import page, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import AGREE, DISAGREE, say
from percorso.surveys.definition import Page, Question


class ContactCES(Template):
    label = mark("Effort after a contact (CES 2.0)")
    about = mark("Did you make it easy? Agreement from 1 to 7, high is good. Send it when the request is solved.")
    indicators = ("ces",)
    title = say("How easy was it?", "Foi fácil?", "È stato facile?")

    def pages(self) -> list[Page]:
        text = say(
            "{company} made it easy for me to handle my issue.",
            "A {company} facilitou a resolução do meu problema.",
            "{company} mi ha reso facile risolvere il mio problema.",
        )
        easier = say(
            "What would have made it easier?",
            "O que teria facilitado?",
            "Che cosa lo avrebbe reso più facile?",
        )
        asked = Question(
            id="ces", type="ces", text=text, metric="ces", required=True, settings={"low": DISAGREE, "high": AGREE}
        )
        return [page("contact", asked, why("easier", easier))]
