from typing import TYPE_CHECKING

from django.utils.translation import ngettext
from pydantic import Field

from percorso.i18n import mark
from percorso.surveys.questions._scale import Labelled, Scale

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class StarSettings(Labelled):
    """How many stars there are."""

    most: int = Field(5, ge=3, le=10, description="How many stars there are, 3 to 10.")


class StarsQuestion(Scale):
    label = mark("Stars")
    about = mark("One to five stars, or up to ten. Each has its name for who cannot see them.")
    icon = "star"
    Config = StarSettings
    metrics = ("csat", "sps", "experience", "six_pillars")

    def ends(self, question: "Question") -> tuple[int, int]:
        return 1, question.config.most

    def name(self, question: "Question", value: int) -> str:
        return ngettext("{n} star", "{n} stars", value).format(n=value)
