from percorso.i18n import mark
from percorso.surveys.bank._questions import page, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import say
from percorso.surveys.definition import Page, Question


class FirstCES(Template):
    label = mark("Effort after a contact (CES 1.0)")
    about = mark("The older question, for who compares with earlier years: effort from 1 to 5, low is good.")
    indicators = ("ces",)
    title = say("How much effort was it?", "Quanto esforço foi necessário?", "Quanto sforzo è stato necessario?")

    def pages(self) -> list[Page]:
        text = say(
            "How much effort did you personally have to put forth to handle your request?",
            "Quanto esforço você precisou fazer para resolver o seu problema?",
            "Quanto sforzo hai dovuto fare per risolvere il tuo problema?",
        )
        settings = {
            "edition": "1.0",
            "low": say("Very low effort", "Muito pouco esforço", "Sforzo molto basso"),
            "high": say("Very high effort", "Muito esforço", "Sforzo molto elevato"),
        }
        reason = say(
            "What took the most effort?", "O que exigiu mais esforço?", "Che cosa ha richiesto lo sforzo maggiore?"
        )
        asked = Question(id="ces_1", type="ces", text=text, metric="ces", required=True, settings=settings)
        return [page("contact", asked, why("reason", reason))]
