from typing import TYPE_CHECKING

from percorso.i18n import mark
from percorso.surveys.questions._scale import Scale

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class NPSQuestion(Scale):
    label = mark("Recommendation, 0 to 10 (NPS)")
    about = mark("How likely somebody is to recommend you. Eleven buttons; 9 and 10 are promoters, 0 to 6 detractors.")
    icon = "chart-dots"
    metrics = ("nps", "enps")

    def ends(self, question: "Question") -> tuple[int, int]:
        return 0, 10

    def usual(self, question: "Question") -> tuple[str, str]:
        return mark("Not at all likely"), mark("Extremely likely")
