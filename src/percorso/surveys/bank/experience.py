from percorso.i18n import mark
from percorso.surveys.bank._experience import items
from percorso.surveys.bank._questions import page, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import IMPROVE, say
from percorso.surveys.definition import Page


class LivedExperience(Template):
    label = mark("Experience as customers live it")
    about = mark(
        "Six items that the staff rates too (see the perception survey): together they make the experience gap."
    )
    indicators = ("experience_gap",)
    title = say("Your experience with us", "Sua experiência conosco", "La tua esperienza con noi")

    def pages(self) -> list[Page]:
        how = say("How would you rate this?", "Como você avalia isto?", "Come lo valuti?")
        return [page("items", *items(how)), page("better", why("better", IMPROVE))]
