"""Conditions as SurveyJS writes them: ``{nps} <= 6 and {why} notempty``; read and written."""

import json
import re
from collections.abc import Mapping
from typing import Any

from percorso.surveys.conditions import Condition

TOKENS = re.compile(
    r"\s*(?:(?P<name>\{[^{}]+\})|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<sign><>|!=|==|=|>=|<=|>|<|!|&&|\|\||[()\[\],])|(?P<word>[A-Za-z]+))"
)
SAME = {"==": "=", "equal": "=", "equals": "=", "notequals": "<>", "notequal": "<>", "!=": "<>", "greater": ">", "less": "<", "greaterorequal": ">=", "lessorequal": "<=", "&&": "and", "||": "or", "!": "not", "contain": "contains", "eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}  # fmt: skip
DEEPEST = 50


class NotExpressed(Exception):
    """A condition that the other side cannot say."""


def write_condition(condition: Condition) -> str:
    """Return a condition as an expression."""
    if condition.all_of is not None:
        return " and ".join(f"({write_condition(one)})" for one in condition.all_of)
    if condition.any_of is not None:
        return " or ".join(f"({write_condition(one)})" for one in condition.any_of)
    if condition.none_of is not None:
        return f"!({write_condition(condition.none_of)})"
    name = f"{{{condition.question or f'trait.{condition.trait}'}}}"
    parts = []
    if condition.answered is not None:
        parts.append(f"{name} {'notempty' if condition.answered else 'empty'}")
    if condition.among is not None:
        values = ", ".join(_written(one) for one in condition.among)
        parts.append(f"{name} anyof [{values}]")
    for sign, limit in ((">=", condition.at_least), ("<=", condition.at_most)):
        if limit is not None:
            parts.append(f"{name} {sign} {limit:g}")
    return " and ".join(parts)


def _written(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def read_condition(
    text: str,
    ids: Mapping[str, str],
    values: Mapping[str, Mapping[str, str]],
    parts: Mapping[str, tuple[str, str]] | None = None,
) -> Condition:
    """Return the condition that an expression says.

    ids : our ids of questions by their names. values : our ids of options by question and value. parts : question and
    option by the names of what is ticked or not.

    Raises
    ------
    NotExpressed : it asks for what conditions cannot say.
    """
    reader = _Reader(_tokens(text), ids, values, parts or {})
    made = reader.either(0)
    if reader.rest:
        raise NotExpressed(text)
    return Condition.model_validate(made)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = TOKENS.match(text, at)
        if match is None:
            raise NotExpressed(text)
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        at = match.end()
    return found


class _Reader:
    """Reads tokens: or, and, not, comparisons."""

    def __init__(
        self,
        tokens: list[tuple[str, str]],
        ids: Mapping[str, str],
        values: Mapping[str, Any],
        parts: Mapping[str, tuple[str, str]],
    ) -> None:
        self.rest, self.ids, self.values, self.parts = tokens, ids, values, parts

    def _next(self) -> str:
        kind, text = self.rest[0] if self.rest else ("", "")
        return SAME.get(text.lower(), text.lower()) if kind in ("sign", "word") else kind

    def _take(self, wanted: str = "") -> str:
        if not self.rest or (wanted and self._next() != wanted):
            raise NotExpressed(wanted)
        return self.rest.pop(0)[1]

    def either(self, depth: int) -> dict[str, Any]:
        """Read what is joined by “or”."""
        if depth > DEEPEST:
            raise NotExpressed("too deep")
        return self._joined("or", "any", lambda: self._joined("and", "all", lambda: self._one(depth)))

    def _joined(self, word: str, key: str, read: Any) -> dict[str, Any]:
        parts = [read()]
        while self._next() == word:
            self._take()
            parts.append(read())
        return parts[0] if len(parts) == 1 else {key: parts}

    def _one(self, depth: int) -> dict[str, Any]:
        if self._next() == "not":
            self._take()
            return {"not": self._one(depth + 1) if depth < DEEPEST else self._take("too deep")}
        if self._next() == "(":
            self._take()
            made = self.either(depth + 1)
            self._take(")")
            return made
        return self._compared(self._take("name")[1:-1].strip())

    def _compared(self, name: str) -> dict[str, Any]:
        key = self.ids.get(name)
        if key is None and name in self.parts:
            return self._ticked(*self.parts[name])
        if key is None and not name.startswith("trait."):
            raise NotExpressed(name)
        about = {"question": key} if key is not None else {"trait": name.removeprefix("trait.")}
        sign = SAME.get((taken := self._take().lower()), taken)
        if sign in ("empty", "notempty"):
            return {**about, "answered": sign == "notempty"}
        given = [self._value(key) for _ in range(1)] if self._next() != "[" else self._several(key)
        if given == [""] and sign in ("=", "<>"):
            return {**about, "answered": sign == "<>"}
        if (sign == "contains" and not self.values.get(key or "")) or (sign == "=" and len(given) > 1):
            # A part of a text, a whole list.
            raise NotExpressed(sign)
        if sign == "allof":
            return {"all": [{**about, "is": [one]} for one in given]}
        if sign in ("=", "anyof", "contains"):
            return {**about, "is": given}
        if sign in ("<>", "noneof"):
            return {"not": {**about, "is": given}}
        return self._limited(about, sign, given[0])

    def _ticked(self, question: str, option: str) -> dict[str, Any]:
        """Read what is said of an option that is ticked (Y) or not (empty)."""
        sign = SAME.get((taken := self._take().lower()), taken)
        if sign in ("empty", "notempty"):
            is_ticked = sign == "notempty"
        elif sign in ("=", "<>"):
            value = str(self._value(None))
            if value not in ("", "Y"):
                raise NotExpressed(value)
            is_ticked = (sign == "=") == (value == "Y")
        else:
            raise NotExpressed(sign)
        condition = {"question": question, "is": [option]}
        return condition if is_ticked else {"not": condition}

    def _limited(self, about: dict[str, Any], sign: str, value: Any) -> dict[str, Any]:
        try:
            limit = float(value)
        except (TypeError, ValueError) as error:
            raise NotExpressed(str(value)) from error
        if sign in (">=", "<="):
            return {**about, "at_least" if sign == ">=" else "at_most": limit}
        if sign not in ("<", ">"):
            raise NotExpressed(sign)
        other = {**about, "at_least" if sign == "<" else "at_most": limit}
        return {"all": [{**about, "answered": True}, {"not": other}]}

    def _several(self, key: str | None) -> list[Any]:
        self._take("[")
        found = [self._value(key)]
        while self._next() == ",":
            self._take()
            found.append(self._value(key))
        self._take("]")
        return found

    def _value(self, key: str | None) -> Any:
        kind, text = self.rest.pop(0) if self.rest else ("", "")
        if kind == "text":
            plain = re.sub(r"\\(.)", r"\1", text[1:-1])
            return self.values.get(key or "", {}).get(plain, plain)
        if kind == "number":
            known = self.values.get(key or "", {}).get(text)
            return known if known is not None else json.loads(text)
        if kind == "word" and text.lower() in ("true", "false"):
            return self.values.get(key or "", {}).get(text.lower(), text.lower())
        raise NotExpressed(text)
