from percorso.i18n import mark
from percorso.surveys.bank._questions import page, rated, why
from percorso.surveys.bank._template import Template
from percorso.surveys.bank._words import DIFFICULT, EASE, EASY, MORE, say
from percorso.surveys.definition import Page


class SuccessEffortEmotion(Template):
    label = mark("Success, effort, emotion")
    about = mark(
        "Three questions for the three-pillar index: did it work, was it easy (7 is very easy), how did it feel?"
    )
    indicators = ("see_index",)
    title = say("How did it go?", "Como foi?", "Com'è andata?")

    def pages(self) -> list[Page]:
        success = rated(
            "success",
            say(
                "Could you do what you wanted to do?",
                "Você conseguiu fazer o que queria?",
                "Sei riuscito/a a fare ciò che volevi?",
            ),
            metric="see", pillar="success",
            low=say("Not at all", "De forma alguma", "Per niente"),
            high=say("Completely", "Completamente", "Completamente"),
        )  # fmt: skip
        effort = rated("effort", EASE, metric="see", pillar="effort", low=DIFFICULT, high=EASY)
        emotion = rated(
            "emotion",
            say("How did you feel about it?", "Como você se sentiu?", "Come ti sei sentito/a?"),
            metric="see", pillar="emotion",
            low=say("Very upset", "Muito incomodado(a)", "Molto contrariato/a"),
            high=say("Delighted", "Encantado(a)", "Entusiasta"),
        )  # fmt: skip
        return [page("pillars", success, effort, emotion), page("more", why("more", MORE))]
