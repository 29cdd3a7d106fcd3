from percorso.i18n import mark
from percorso.surveys.bank._questions import page, recommend, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import RECOMMEND, say
from percorso.surveys.definition import Page


class RelationshipNPS(Template):
    label = mark("Relationship NPS")
    about = mark("Would customers recommend you, and why? Two questions; ask everybody two to four times a year.")
    indicators = ("nps",)
    title = say("How are we doing?", "Como estamos indo?", "Come stiamo andando?")

    def pages(self) -> list[Page]:
        return [page("score", recommend("nps", RECOMMEND)), page("reason", why())]
