from percorso.i18n import mark
from percorso.surveys.bank._experience import items
from percorso.surveys.bank._questions import page, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import say
from percorso.surveys.definition import Page


class StaffPerception(Template):
    label = mark("Experience as the staff believes it to be (perception), anonymous")
    about = mark(
        "How would customers rate us? The same six items as in the customers' survey; the difference is the experience gap."
    )
    population = "employee"
    anonymous = True
    indicators = ("experience_gap",)
    title = say("Through our customers' eyes", "Com os olhos dos clientes", "Con gli occhi dei clienti")

    def pages(self) -> list[Page]:
        how = say(
            "How do you think customers would rate this?",
            "Como você acha que os clientes avaliariam isto?",
            "Secondo te, come lo valuterebbero i clienti?",
        )
        change = say(
            "What would our customers want us to change first?",
            "O que nossos clientes gostariam que mudássemos primeiro?",
            "Che cosa vorrebbero i clienti che cambiassimo per prima?",
        )
        return [page("items", *items(how)), page("change", why("change", change))]
