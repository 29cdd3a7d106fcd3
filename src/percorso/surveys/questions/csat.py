from typing import TYPE_CHECKING

from percorso.i18n import mark
from percorso.surveys.questions._scale import Ranged, Scale

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class SatisfactionQuestion(Scale):
    label = mark("Rating scale (CSAT)")
    about = mark("How satisfied somebody is, or how much they agree: a scale of 2 to 11 values with a label for each.")
    icon = "circle-check"
    Config = Ranged
    metrics = (
        "csat", "sps", "see", "six_pillars", "experience", "sus", "servqual_expected", "servqual_perceived",
    )  # fmt: skip

    def ends(self, question: "Question") -> tuple[int, int]:
        config = question.config
        return config.lowest, config.highest

    def usual(self, question: "Question") -> tuple[str, str]:
        if question.metric in ("csat", "sps"):
            return mark("Very unsatisfied"), mark("Very satisfied")
        return "", ""
