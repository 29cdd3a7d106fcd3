"""The form of a question type's settings, made out of its `Config`: what is shown, and what is read back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.metrics import METRICS
from percorso.surveys.definition import Question
from percorso.surveys.editing.draft import fresh_id
from percorso.surveys.editing.labels import CHOICES, HINTS, LABELS
from percorso.surveys.editing.texts import bare, is_text
from percorso.surveys.question import QUESTIONS
from percorso.surveys.questions._scale import Scale

MOST_ITEMS = 300
# What a question is made of stands before its details.
RANKS = {"pieces": 0, "choice": 1, "number": 1, "day": 1, "flag": 2, "text": 2, "words": 3, "values": 4, "ticks": 5}
NOT_A_NUMBER = mark("Write a number.")
NOT_A_DAY = mark("Write a day.")


class Wrong(BadQuestion):
    """Settings that do not fit; `errors` says what, by the name of the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(mark("Not saved: {what}"), what=next(iter(errors.values())))
        self.errors = errors


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
    inside: bool = False
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
        "inside": inside, "error": errors.get(path, ""),
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


def read(question: Question, given: QueryDict, language: str, taken: set[str]) -> dict[str, Any]:
    """Return the settings that a form sends; texts in other languages stay.

    taken : ids of options that were used ever before, which a new one must not get.

    Raises
    ------
    Wrong : they do not fit; it says which one.
    """
    config = question.config
    errors: dict[str, str] = {}
    made = {
        name: _read(given, f"s.{name}", spec, getattr(config, name), language, taken, errors)
        for name, spec in type(config).model_fields.items()
    }
    if errors:
        raise Wrong(errors)
    return validated(question, made)


def validated(question: Question, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they are kept.

    Raises
    ------
    Wrong : they do not fit.
    """
    try:
        config = type(question.config).model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in ("s", *first["loc"]))
        raise Wrong({path: _said(str(first["loc"][0]) if first["loc"] else "", first)}) from error
    return config.model_dump(mode="json", exclude_defaults=True)


def _said(name: str, error: Mapping[str, Any]) -> str:
    """Return what pydantic found, in words."""
    label = gettext(LABELS.get(name, name))
    limits = error.get("ctx", {})
    if "ge" in limits:
        return gettext("“{label}” is at least {limit}.").format(label=label, limit=limits["ge"])
    if "le" in limits:
        return gettext("“{label}” is at most {limit}.").format(label=label, limit=limits["le"])
    detail = str(error["msg"]).removeprefix("Value error, ")
    return gettext("“{label}” does not fit: {detail}").format(label=label, detail=detail) if label else gettext(detail)


def _read(
    given: QueryDict, path: str, spec: FieldInfo, now: Any, language: str, taken: set[str], errors: dict[str, str]
) -> Any:
    kind, inner = kind_of(spec)
    text = given.get(path, "").strip()
    if kind == "flag":
        return path in given
    if kind == "words":
        return _with(now, language, text)
    if kind == "values":
        sent = {key: given[f"{path}.{key}"].strip() for key in _keys(given, path)}
        told = {
            **{str(k): v for k, v in now.items()},
            **{k: _with(now.get(int(k), {}), language, v) for k, v in sent.items()},
        }
        return {int(key): text for key, text in told.items() if text}
    if kind == "pieces":
        return _read_pieces(given, path, inner, now, language, taken, errors)
    if kind == "ticks":
        return given.getlist(path)
    if kind == "choice":
        return next((choice for choice in get_args(inner) if str(choice) == text), now)
    return _number(text, inner, spec, path, errors) if kind == "number" else _other(text, kind, now, path, errors)


def _with(text: Mapping[str, str], language: str, told: str) -> dict[str, str]:
    rest = {key: words for key, words in text.items() if key != language}
    return rest | ({language: told} if told else {})


def _keys(given: QueryDict, path: str) -> list[str]:
    keys = [name.removeprefix(f"{path}.") for name in given if name.startswith(f"{path}.")]
    return [key for key in keys if key.removeprefix("-").isdecimal() and len(key) < 5]


def _number(text: str, kind: type, spec: FieldInfo, path: str, errors: dict[str, str]) -> Any:
    if not text:
        return None if spec.default is None else spec.get_default(call_default_factory=True)
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = float("nan")
    if value != value or abs(value) == float("inf") or (kind is int and not value.is_integer()):
        errors[path] = gettext(NOT_A_NUMBER)
        return None
    return int(value) if kind is int else value


def _other(text: str, kind: str, now: Any, path: str, errors: dict[str, str]) -> Any:
    if kind != "day":
        return text
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        errors[path] = gettext(NOT_A_DAY)
        return now


def _read_pieces(
    given: QueryDict, path: str, piece: type[BaseModel], now: Sequence[BaseModel], language: str, taken: set[str],
    errors: dict[str, str],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the entries of a list in the order of the form; one without an id is new and gets one of its words."""
    there = {str(getattr(one, "id", i)): one for i, one in enumerate(now)}
    made: list[dict[str, Any]] = []
    many = given.get(f"{path}.many", "")
    for i in range(min(int(many), MOST_ITEMS) if many.isdecimal() else 0):
        key = given.get(f"{path}.{i}.id", "")
        old = there.get(key) or piece.model_construct(**{n: s.get_default(call_default_factory=True) for n, s in piece.model_fields.items() if n != "id"})  # fmt: skip
        values = {
            name: _read(given, f"{path}.{i}.{name}", spec, getattr(old, name), language, taken, errors)
            if f"{path}.{i}.{name}" in given or kind_of(spec)[0] == "flag"
            else getattr(old, name)
            for name, spec in piece.model_fields.items()
            if name != "id"
        }
        if key not in there:
            if not any(isinstance(value, dict) and value for value in values.values()):
                continue
            key = fresh_id(_words(values), {*there, *taken, *(one["id"] for one in made)})
        made.append(values | {"id": key})
    return made


def _words(values: Mapping[str, Any]) -> str:
    text = next((words for value in values.values() if isinstance(value, dict) for words in value.values()), "")
    return slugify(text).replace("-", "_")[:30] or "option"


def act(settings: dict[str, Any], question: Question, do: str, language: str, taken: set[str]) -> dict[str, Any]:
    """Return settings with an entry of a list added, taken away or moved.

    do : ``add-item:<field>``, ``remove-item:<field>.<index>``, ``up-item:…``, ``down-item:…``.
    """
    verb, _, at = do.partition(":")
    name, _, index = at.partition(".")
    spec = type(question.config).model_fields.get(name)
    if spec is None or kind_of(spec)[0] != "pieces":
        return settings
    config = type(question.config).model_validate(settings)
    pieces = [piece.model_dump(mode="json") for piece in getattr(config, name)]
    place = int(index) if index.isdecimal() else -1
    if verb == "add-item" and len(pieces) < MOST_ITEMS:
        words = gettext("Option {n}").format(n=len(pieces) + 1)
        ids = {piece["id"] for piece in pieces} | taken
        text = next(n for n, s in kind_of(spec)[1].model_fields.items() if kind_of(s)[0] == "words")
        pieces.append({"id": fresh_id(f"o{len(pieces) + 1}", ids), text: {language: words}})
    elif verb == "remove-item" and 0 <= place < len(pieces):
        del pieces[place]
    elif verb in ("up-item", "down-item") and 0 <= place < len(pieces):
        to = place + (-1 if verb == "up-item" else 1)
        if 0 <= to < len(pieces):
            pieces.insert(to, pieces.pop(place))
    return validated(question, settings | {name: pieces})
