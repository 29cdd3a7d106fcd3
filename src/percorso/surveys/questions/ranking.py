import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from pydantic import Field, model_validator

from percorso.i18n import mark
from percorso.surveys.question import NOT_OFFERED, Column, Given, QuestionType, Refused, Settings, Tell, cleaned
from percorso.surveys.questions._parts import Piece, as_ids, as_map, different, found

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

MOST_ITEMS = 30


class RankingSettings(Settings):
    """What is put in order."""

    items: list[Piece] = Field(
        default_factory=list, max_length=MOST_ITEMS, description="What is put in order; ids never change."
    )
    places: int = Field(0, ge=0, le=MOST_ITEMS, description="Only so many are put in order, the first ones; 0 for all.")

    @model_validator(mode="after")
    def _ids_differ(self) -> "RankingSettings":
        different(self.items)
        return self


class RankingQuestion(QuestionType):
    """The answer is the list of ids from the first place on. Each item has a field ``<name>.<item>`` with its place."""

    label = mark("Ranking")
    about = mark("Things to put in order of importance: each gets a place.")
    icon = "arrow-up"
    Config = RankingSettings

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        n = _places(question)
        at = as_map(value) or {key: i for i, key in enumerate(as_ids(value), 1)}
        items = [
            {
                "id": item.id,
                "label": item.named(tell),
                "places": [{"value": place, "chosen": at.get(item.id) == place} for place in range(1, n + 1)],
            }
            for item in question.config.items
        ]
        limits = "" if n == len(items) else gettext("Give places 1 to {n}.").format(n=n)
        return {"value": value, "items": items, "limits": limits}

    def read(self, question: "Question", given: Given, name: str) -> Any:
        items, n = question.config.items, _places(question)
        sent = {item.id: cleaned(given.get(f"{name}.{item.id}", "")) for item in items}
        places = {key: text for key, text in sent.items() if text}
        possible = {str(place) for place in range(1, n + 1)}
        if not set(places.values()) <= possible:
            raise Refused(NOT_OFFERED)
        if len(set(places.values())) < len(places):
            raise Refused(mark("Two of them have the same place. Please give each a place of its own."))
        if question.required and len(places) < n:
            raise Refused(mark("Please give each of the places 1 to {n}."), n=n)
        return sorted(places, key=lambda key: int(places[key])) or None

    def again(self, question: "Question", given: Given, name: str) -> Any:
        sent = {item.id: cleaned(given.get(f"{name}.{item.id}", "")) for item in question.config.items}
        return {key: int(text) for key, text in sent.items() if re.fullmatch(r"[0-9]{1,3}", text)} or None

    def parse(self, question: "Question", text: str) -> Any:
        pieces = [re.sub(r"^\s*\d+[.)]\s+", "", piece) for piece in re.split(r"[;\n]", text) if piece.strip()]
        keys = [found(question.config.items, piece) for piece in pieces]
        if not keys or None in keys or len(set(keys)) < len(keys) or len(keys) > _places(question):
            raise Refused(NOT_OFFERED)
        return keys

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        scale = {"scale_min": 1, "scale_max": max(2, _places(question)), "polarity": "lower"}
        ranked = enumerate(as_ids(value), 1)
        return [{"option": str(key), "part": str(key), "score": place, **scale} for place, key in ranked]

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        names = {item.id: item.named(tell) for item in question.config.items}
        return "; ".join(f"{place}. {names.get(key, key)}" for place, key in enumerate(as_ids(value), 1))

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        text = tell(question.text)
        return [
            Column(f"{question.id}.{item.id}", f"{text}: {item.named(tell)}", "number", {})
            for item in question.config.items
        ]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        at = {key: place for place, key in enumerate(as_ids(value), 1)}
        return [at.get(item.id) for item in question.config.items]

    def fixed(self, question: "Question") -> Any:
        return [question.type, question.config.places, _places(question)]

    def kept(self, question: "Question") -> Mapping[str, Any]:
        return {item.id: None for item in question.config.items}

    def unfinished(self, question: "Question") -> str:
        return mark("Add at least two things to put in order.") if len(question.config.items) < 2 else ""


def _places(question: "Question") -> int:
    n = len(question.config.items)
    return min(question.config.places or n, n)
