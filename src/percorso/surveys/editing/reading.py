"""What the form of a question type's settings sends, read back into the settings."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from percorso.base.reasons import reason_of
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.surveys.definition import Question
from percorso.surveys.editing.draft import fresh_id
from percorso.surveys.editing.fields import kind_of
from percorso.surveys.editing.labels import LABELS

MOST_ITEMS = 300
NOT_A_NUMBER = mark("Write a number.")
NOT_A_DAY = mark("Write a day.")


class Wrong(BadQuestion):
    """Settings that do not fit; `errors` says what, by the name of the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(mark("Not saved: {what}"), what=next(iter(errors.values())))
        self.errors = errors


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
    detail = reason_of(error)
    return gettext("“{label}” does not fit: {detail}").format(label=label, detail=detail) if label else detail


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
