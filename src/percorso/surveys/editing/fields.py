"""The form of a question type's settings, made out of its `Config`; `reading.py` reads it back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.translation import gettext
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from percorso.sources.metrics import METRICS
from percorso.surveys.definition import Question
from percorso.surveys.editing.labels import CHOICES, HINTS, LABELS
from percorso.surveys.editing.wordings import bare, is_text
from percorso.surveys.question import QUESTIONS
from percorso.surveys.questions._scale import Scale

# What a question is made of stands before its details.
RANKS = {"pieces": 0, "choice": 1, "number": 1, "day": 1, "flag": 2, "text": 2, "words": 3, "values": 4, "ticks": 5}


@dataclass(frozen=True)
class Setting:
    """One setting as the template draws it. `kind`: flag, number, text, day, choice, words, values, pieces, ticks."""

    name: str
    label: str
    help: str
    kind: str
    value: Any = None
    choices: Sequence[dict[str, Any]] = ()
    low: Any = None
    high: Any = None
    step: str = "1"
    items: Sequence["Item"] = ()
    error: str = ""

    @property
    def field(self) -> str:
        """The name of the setting itself, as changes of a list name it."""
        return self.name.removeprefix("s.")


@dataclass(frozen=True)
class Item:
    """One entry of a list: an option, a row."""

    key: str
    index: int
    name: str
    settings: Sequence[Setting] = ()


def shown(
    question: Question, language: str, errors: Mapping[str, str], typed: QueryDict | None = None
) -> list[Setting]:
    """Return the settings of a question with their values, texts in one language; `typed` is a form shown again."""
    config = question.config
    made = [
        _as_typed(_setting(config, name, spec, f"s.{name}", language, question, errors), typed)
        for name, spec in type(config).model_fields.items()
    ]
    return sorted(made, key=lambda setting: RANKS[setting.kind])


def _as_typed(setting: Setting, typed: QueryDict | None) -> Setting:
    """Return a setting with what a form has for it; lists keep the entries that they had."""
    if typed is None:
        return setting
    inside = [replace(item, settings=[_as_typed(one, typed) for one in item.settings]) for item in setting.items]
    text = typed.get(setting.name)
    if setting.kind == "flag":
        return replace(setting, value=text is not None)
    if setting.kind == "choice" and text is not None:
        return replace(setting, choices=[one | {"chosen": one["value"] == text} for one in setting.choices])
    return replace(setting, items=inside, value=setting.value if text is None else text)


def _setting(
    config: BaseModel, name: str, spec: FieldInfo, path: str, language: str, question: Question,
    errors: Mapping[str, str], inside: bool = False,
) -> Setting:  # fmt: skip
    kind, inner = kind_of(spec)
    value = getattr(config, name)
    own = f"{question.type}.{name}"
    label = gettext(LABELS.get(own, LABELS.get(name, name.replace("_", " ").capitalize())))
    hint = "" if inside else HINTS.get(own, HINTS.get(name, ""))
    common: dict[str, Any] = {
        "name": path, "label": label, "kind": kind, "help": gettext(hint) if hint else "",
        "error": errors.get(path, ""),
    }  # fmt: skip
    if kind == "choice":
        choices = [
            {"value": str(c), "label": gettext(CHOICES.get(str(c), str(c))), "chosen": c == value}
            for c in get_args(inner)
        ]
        return Setting(**common, choices=choices)
    if kind == "number":
        limits = _limits(spec)
        whole = inner is int
        return Setting(**common, value="" if value is None else _plain(value), step="1" if whole else "any", **limits)
    if kind == "words":
        return Setting(**common, value=value.get(language, ""))
    if kind == "values":
        return Setting(**common, items=_values(question, value, path, language))
    if kind == "pieces":
        return Setting(**common, items=list(_items(value, path, language, question)))
    if kind == "ticks":
        return Setting(**common, choices=_pieces_to_tick(config, value, language))
    return Setting(**common, value="" if value is None else value)


def kind_of(spec: FieldInfo) -> tuple[str, Any]:
    """Return how a setting is drawn, and the type of its values."""
    inner = bare(spec.annotation)
    if get_origin(inner) in (Union, UnionType):
        inner = next(bare(arg) for arg in get_args(inner) if arg is not type(None))
    if is_text(inner):
        return "words", inner
    origin = get_origin(inner)
    if origin is dict and is_text(get_args(inner)[1]):
        return "values", inner
    if origin is list:
        element = bare(get_args(inner)[0])
        return ("pieces" if isinstance(element, type) and issubclass(element, BaseModel) else "ticks"), element
    if origin is Literal:
        return "choice", inner
    if inner is bool:
        return "flag", inner
    if inner in (int, float):
        return "number", inner
    return ("day" if inner is date else "text"), inner


def _limits(spec: FieldInfo) -> dict[str, Any]:
    signs = (("low", "ge"), ("high", "le"))
    return {name: getattr(m, sign) for m in spec.metadata for name, sign in signs if hasattr(m, sign)}


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _values(question: Question, told: Mapping[Any, Mapping[str, str]], path: str, language: str) -> list[Item]:
    """Return one entry for each value of a scale, whether it has words or not."""
    kind = QUESTIONS[question.type]
    low, high = kind.ends(question) if isinstance(kind, Scale) else (1, 0)
    return [
        Item(str(n), n - low, f"{path}.{n}", [Setting(f"{path}.{n}", str(n), "", "words", told.get(n, {}).get(language, ""))])
        for n in range(low, high + 1)
    ]  # fmt: skip


def _items(pieces: Sequence[BaseModel], path: str, language: str, question: Question) -> Iterator[Item]:
    for i, piece in enumerate(pieces):
        inner = [
            _setting(piece, name, spec, f"{path}.{i}.{name}", language, question, {}, inside=True)
            for name, spec in type(piece).model_fields.items()
            if name != "id" and _matters(name, question)
        ]
        yield Item(str(getattr(piece, "id", i)), i, f"{path}.{i}", inner)


def _matters(name: str, question: Question) -> bool:
    """Whether a detail of an option or a row means anything for this question: only with a metric."""
    if name == "pillar":
        return bool(pillars_of(question.metric))
    return bool(question.metric) if name in ("score", "aspect") else True


def pillars_of(metric: str) -> list[str]:
    """Return the pillars that answers to a metric can be tagged with."""
    found = METRICS.get(metric)
    return [aspect for aspect, _ in found.aspects] if found and found.items else []


def _pieces_to_tick(config: BaseModel, ticked: Sequence[str], language: str) -> list[dict[str, Any]]:
    def tell(text: Mapping[str, str]) -> str:
        return text.get(language) or next(iter(text.values()), "")

    pieces = list(getattr(config, "options", []) or [])
    return [{"value": p.id, "label": p.named(tell), "chosen": p.id in ticked} for p in pieces]
