from percorso.i18n import mark
from percorso.surveys.bank._questions import page, recommend, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import WHY, say
from percorso.surveys.definition import Page

SAFE = say(
    "Nobody sees who answered, and results are shown only when enough people have.",
    "Ninguém vê quem respondeu, e os resultados só aparecem quando houver respostas suficientes.",
    "Nessuno vede chi ha risposto, e i risultati compaiono solo quando le risposte sono abbastanza.",
)


class EmployeeNPS(Template):
    label = mark("Employees' NPS (eNPS), anonymous")
    about = mark("Would the staff recommend working here? No identity is stored, and small groups stay hidden.")
    population = "employee"
    anonymous = True
    indicators = ("enps",)
    title = say("How is working here?", "Como é trabalhar aqui?", "Com'è lavorare qui?")

    def pages(self) -> list[Page]:
        text = say(
            "How likely are you to recommend working at this company to a friend or colleague?",
            "Qual a probabilidade de você recomendar esta empresa como lugar para trabalhar a um amigo ou colega?",
            "Con quale probabilità consiglieresti questa azienda come posto di lavoro a un amico o collega?",
        )
        asked = recommend("enps", text, metric="enps")
        asked.help = SAFE
        careful = say(
            "Leave out names and details that could tell who you are.",
            "Não inclua nomes nem detalhes que possam identificar você.",
            "Non indicare nomi o dettagli che possano far capire chi sei.",
        )
        reason = why(text=WHY)
        reason.help = careful
        return [page("score", asked), page("reason", reason)]
