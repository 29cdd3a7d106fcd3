from percorso.i18n import mark
from percorso.surveys.bank._questions import page, rated, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import AGREE, DISAGREE, IMPROVE, say
from percorso.surveys.definition import Page

PILLARS = {
    "personalization": say(
        "{company} treats me as an individual and understands what I need.",
        "A {company} me trata como pessoa e entende o que eu preciso.",
        "{company} mi tratta come persona e capisce di che cosa ho bisogno.",
    ),
    "integrity": say(
        "{company} acts in my interest, and I can trust it.",
        "A {company} age no meu interesse, e posso confiar nela.",
        "{company} agisce nel mio interesse e posso fidarmi.",
    ),
    "expectations": say(
        "{company} does what it promises, and more than I expect.",
        "A {company} cumpre o que promete e supera o que eu espero.",
        "{company} fa ciò che promette, e più di quanto mi aspetto.",
    ),
    "resolution": say(
        "When something goes wrong, {company} puts it right.",
        "Quando algo dá errado, a {company} resolve.",
        "Quando qualcosa va storto, {company} rimedia.",
    ),
    "time_effort": say(
        "{company} saves me time and effort.",
        "A {company} me poupa tempo e esforço.",
        "{company} mi fa risparmiare tempo e fatica.",
    ),
    "empathy": say(
        "{company} understands my situation and cares about it.",
        "A {company} entende a minha situação e se importa com ela.",
        "{company} capisce la mia situazione e se ne cura.",
    ),
}


class SixPillars(Template):
    label = mark("Six pillars of experience")
    about = mark(
        "One statement for each pillar: personalisation, integrity, expectations, resolution, time and effort, empathy."
    )
    indicators = ("six_pillars_index",)
    title = say("Your experience with us", "Sua experiência conosco", "La tua esperienza con noi")

    def pages(self) -> list[Page]:
        items = [
            rated(pillar, text, metric="six_pillars", pillar=pillar, low=DISAGREE, high=AGREE)
            for pillar, text in PILLARS.items()
        ]
        made = page("pillars", *items)
        made.randomise = True
        return [made, page("better", why("better", IMPROVE))]
