"""Question types of LimeSurvey as ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from percorso.surveys.exchange.building import Piece, pieces
from percorso.surveys.questions._parts import OTHER

POINTS = {"A": range(1, 6), "B": range(1, 11)}
WORDS = {"C": ("Y", "U", "N"), "E": ("I", "S", "D"), "G": ("F", "M")}
# Arrays whose answers are fixed.
FIXED = ("A", "B", "C", "E")
SAID = {
    "Y": {"en": "Yes", "pt": "Sim", "it": "Sì"},
    "U": {"en": "Uncertain", "pt": "Não sei", "it": "Incerto"},
    "N": {"en": "No", "pt": "Não", "it": "No"},
    "I": {"en": "Increase", "pt": "Aumento", "it": "Aumento"},
    "S": {"en": "Same", "pt": "Igual", "it": "Uguale"},
    "D": {"en": "Decrease", "pt": "Diminuição", "it": "Diminuzione"},
    "F": {"en": "Female", "pt": "Feminino", "it": "Femmina"},
    "M": {"en": "Male", "pt": "Masculino", "it": "Maschio"},
    "comment": {"en": "Your comment", "pt": "Seu comentário", "it": "Il tuo commento"},
}
Made = tuple[str, dict[str, Any], dict[str, str]]


def words(code: str, languages: Sequence[str]) -> dict[str, str]:
    """Return LimeSurvey's own words in the languages of a survey that we have them in; else in English."""
    known = SAID.get(code, {})
    bases = [language for language in languages if language.partition("-")[0] in known]
    return {language: known[language.partition("-")[0]] for language in bases} or {"en": known.get("en", code)}


def fixed(kind: str, languages: Sequence[str]) -> Piece:
    """Return the answers that a type always has."""
    if kind in POINTS:
        return pieces([(str(n), {}) for n in POINTS[kind]])
    return pieces([(code, words(code, languages)) for code in WORDS[kind]])


def made(kind: str, subs: Piece, offered: Piece, own: Mapping[str, Any], languages: Sequence[str]) -> Made | None:
    """Return type, settings and option ids by code; None for what there is nothing like.

    own : the settings of an option with a text of one's own; empty for none.
    """
    known = offered.ids | ({"-oth-": OTHER} if own else {})
    if kind in ("L", "!", "O", "W", "Z"):
        look = {"look": "menu"} if kind in ("!", "W") else {}
        return "choice", {"options": offered.parts, **own, **look}, known
    if kind in ("M", "P"):
        return "choices", {"options": subs.parts, **own}, subs.ids
    if kind == "Y":
        return "choice", {}, {"Y": "yes", "N": "no"}
    if kind == "G":
        found = fixed(kind, languages)
        return "choice", {"options": found.parts}, found.ids
    if kind in ("F", "H"):
        return "matrix", {"rows": subs.parts, "columns": offered.parts}, offered.ids
    if kind in FIXED:
        columns = fixed(kind, languages)
        return "matrix", {"rows": subs.parts, "columns": columns.parts}, columns.ids
    if kind == "R":
        items = offered if offered.parts else subs
        return "ranking", {"items": items.parts}, items.ids
    plain = {"5": "csat", "N": "number", "D": "date", "X": "statement", "|": "file", "S": "text", "T": "text", "U": "text"}  # fmt: skip
    lines = {"S": {"lines": 1}, "U": {"lines": 12}}
    return (plain[kind], lines.get(kind, {}), {}) if kind in plain else None


def limits(kind: str, attributes: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that a question's attributes say."""
    made_of: dict[str, Any] = {}
    if kind in ("M", "P"):
        made_of = {"least": _whole(attributes.get("min_answers")), "most": _whole(attributes.get("max_answers"))}
        alone = [ids[code] for code in attributes.get("exclude_all_others", "").split(";") if code in ids]
        made_of |= {"alone": alone} if alone else {}
    elif kind == "R":
        made_of = {"places": _whole(attributes.get("max_answers"))}
    elif kind == "N":
        made_of = {
            "least": _number(attributes.get("min_num_value_n")),
            "most": _number(attributes.get("max_num_value_n")),
            "step": 1 if attributes.get("num_value_int_only") == "1" else None,
        }
    elif kind in ("S", "T", "U"):
        made_of = {"longest": min(10_000, _whole(attributes.get("maximum_chars")) or 10_000)}
    elif kind == "D":
        made_of = {ours: _day(attributes.get(theirs)) for ours, theirs in (("earliest", "date_min"), ("latest", "date_max"))}  # fmt: skip
    return {key: value for key, value in made_of.items() if value not in (None, 0, "")}


def _whole(text: str | None) -> int:
    return int(text) if text and text.strip().isdecimal() else 0


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text and text.strip() else None
    except ValueError:
        return None


def _day(text: str | None) -> str | None:
    return text[:10] if text and len(text) >= 10 and text[:4].isdecimal() and text[4] == "-" else None
