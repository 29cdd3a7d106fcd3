"""What LimeSurvey says in expressions: when something is shown, what texts recall, which quotas count."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from percorso.surveys.exchange.expressions import NotExpressed, read_condition
from percorso.surveys.exchange.logic import Said

NAME = r"(?:\d+X\d+X\w+|[A-Za-z]\w*)"
SUFFIX = r"(?:\.(?:NAOK|value|valueNAOK|code|shown))*"
WORDS = ("and", "or", "not", "eq", "ne", "gt", "ge", "lt", "le", "true", "false")
PIECES = re.compile(
    rf"(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    rf"|(?P<not>!\s*)?is_empty\(\s*(?P<empty>{NAME}){SUFFIX}\s*\)"
    rf"|(?P<call>{NAME})\s*\("
    rf"|(?P<name>{NAME}){SUFFIX}"
)
RECALLED = re.compile(r"\{(?!\s)(?P<said>[^{}]+)\}")
RECALLS = re.compile(rf"(?:INSERTANS:)?(?P<name>{NAME}){SUFFIX}")
NAMES_OF_CUSTOMER = ("TOKEN:FIRSTNAME", "TOKEN:LASTNAME", "FIRSTNAME", "LASTNAME")
# A multiple choice as one says nothing; each of its options is a variable of its own.
Parts = Mapping[str, tuple[str, str]]


def read_relevance(
    text: str, ids: Mapping[str, str], values: Mapping[str, Mapping[str, str]], parts: Parts
) -> Said | None:
    """Return the condition that an expression says; None for “always”.

    Raises
    ------
    NotExpressed : it says what conditions cannot.
    """
    if text.strip() in ("", "1"):
        return None
    try:
        made = read_condition(PIECES.sub(_as_ours, text), ids, values, parts)
    except (ValidationError, RecursionError) as error:
        raise NotExpressed(text) from error
    return made.model_dump(mode="json", by_alias=True, exclude_none=True)


def said_by(rows: Sequence[Mapping[str, str]]) -> str:
    """Return as an expression what tables of conditions say, as LimeSurvey kept them before it had expressions.

    One scenario has to hold; of it every field that it asks about, with one of the values given.
    """
    scenarios: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        name = row.get("cfieldname", "").removeprefix("+")
        value = row.get("value", "").strip().replace('"', "")
        scenarios[row.get("scenario", "1")][name].append(f'{name} {row.get("method", "")} "{value}"')
    whole = (" and ".join(f"({' or '.join(several)})" for several in fields.values()) for fields in scenarios.values())
    return " or ".join(f"({one})" for one in whole)


def _as_ours(found: re.Match[str]) -> str:
    if found["text"]:
        return found[0]
    if found["empty"]:
        return f"{{{found['empty']}}} {'notempty' if found['not'] else 'empty'}"
    if found["call"]:
        if found["call"].lower() in WORDS:
            return found[0]
        raise NotExpressed(found[0])
    return found[0] if found["name"].lower() in WORDS else f"{{{found['name']}}}"


def recalled(found: re.Match[str], ids: Mapping[str, str]) -> str:
    """Return our name of what a place in a text recalls; empty for what is not known here."""
    said = found["said"].strip()
    if said in NAMES_OF_CUSTOMER:
        return "customer.name"
    match = RECALLS.fullmatch(said)
    return ids.get(match["name"], "") if match else ""


def quota_condition(members: Mapping[str, list[str]], known: Mapping[str, Mapping[str, Any]]) -> Said | None:
    """Return whom a quota counts: one of the answers of each question; None when that cannot be said.

    members : codes by question. known : by question our id, and our ids of options by code.
    """
    several: list[Said] = []
    for question, codes in members.items():
        about = known.get(question)
        if about is None or any(code not in about["values"] for code in codes):
            return None
        several.append({"question": about["id"], "is": [about["values"][code] for code in codes]})
    return several[0] if len(several) == 1 else {"all": several} if several else None
