"""Question types of SurveyJS as ours."""

from typing import TYPE_CHECKING, Any

from percorso.surveys.exchange.building import BECAME, LOST, PICTURES, Piece, pieces
from percorso.surveys.exchange.format import scale_question
from percorso.surveys.questions._parts import OTHER

if TYPE_CHECKING:
    from percorso.surveys.exchange._surveyjs_read import Reader

Element = dict[str, Any]
Made = tuple[str, dict[str, Any], dict[str, str]]
# Options that SurveyJS adds when asked to: how they are asked for, now and before; their value; the name of their text.
ADDED = (
    ("showNoneItem", "hasNone", "none", "noneText"),
    ("showRefuseItem", "", "refused", "refuseText"),
    ("showDontKnowItem", "", "dontknow", "dontKnowText"),
)
USUAL_TEXTS = {"refused": "Refuse to answer", "dontknow": "Don't know"}
CHECKED = ("email", "url", "tel", "password", "color", "time", "month", "week")
PHOTOS, DOCUMENTS = ("image", ".jpg", ".jpeg", ".png", ".webp"), ("pdf", ".doc", ".docx", ".txt", ".odt")


def whole(value: Any, usual: int) -> int:
    """Return a whole number; the usual one for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else usual


def items(reader: "Reader", several: Any, shown: str = "", taken: tuple[str, ...] = ()) -> Piece:
    """Return options: values, or values with texts and scores."""
    given: list[tuple[str, dict[str, str]]] = []
    scores: dict[str, float] = {}
    for one in several if isinstance(several, list) else []:
        value = one.get("value") if isinstance(one, dict) else one
        told = one.get("text") if isinstance(one, dict) else None
        plain = ("true" if value else "false") if isinstance(value, bool) else str(value)
        given.append((plain, reader.text(told) or ({reader.language: plain} if not isinstance(one, dict) else {})))
        if isinstance(one, dict):
            score = one.get("score")
            scores |= {plain: float(score)} if isinstance(score, int | float) and not isinstance(score, bool) else {}
            for setting in ("visibleIf", "enableIf"):
                if one.get(setting):
                    reader.builder.note(LOST, question=shown, setting=f"choices: {setting}")
            if one.get("imageLink"):
                reader.builder.note(PICTURES, question=shown)
    return pieces(given, scores, taken)


def _options(reader: "Reader", element: Element, text: str) -> tuple[Piece, dict[str, Any], list[str]]:
    """Return options with those that are added, the settings of an own text, and the ids of what goes with no other."""
    has_own = bool(element.get("showOtherItem") or element.get("hasOther"))
    found = items(reader, element.get("choices"), text[:80], (OTHER,) if has_own else ())
    added = []
    for now, before, value, told in ADDED:
        if element.get(now) or (before and element.get(before)):
            words = reader.text(element.get(told)) or ({"en": USUAL_TEXTS[value]} if value in USUAL_TEXTS else {})
            found.parts.append({"id": value, **({"text": words} if words else {})})
            found.ids[value] = value
            added.append(value)
    own = {"other": True, "other_text": reader.text(element.get("otherText"))} if has_own else {}
    if has_own:
        found.ids[OTHER] = OTHER
    return found, own, added


def _choice(reader: "Reader", element: Element, text: str) -> Made:
    if element.get("type") == "imagepicker" and element.get("multiSelect"):
        return _choices(reader, element, text)
    found, own, _ = _options(reader, element, text)
    look = {"look": "menu"} if element.get("type") == "dropdown" else {}
    return "choice", {"settings": {"options": found.parts, **look, **own}}, found.ids


def _choices(reader: "Reader", element: Element, text: str) -> Made:
    found, own, alone = _options(reader, element, text)
    limits = {"least": whole(element.get("minSelectedChoices"), 0), "most": whole(element.get("maxSelectedChoices"), 0)}
    settings = {"options": found.parts, **limits, **({"alone": alone} if alone else {}), **own}
    return "choices", {"settings": settings}, found.ids


def _rating(reader: "Reader", element: Element, text: str) -> Made:
    given: list[Any] = [one.get("value") if isinstance(one, dict) else one for one in element.get("rateValues") or []]
    if given and not all(isinstance(one, int) for one in given):
        return _choice(reader, {**element, "choices": element["rateValues"]}, text)
    low, high = (min(given), max(given)) if given else _ends(element)
    step = element.get("rateStep")
    if not given and isinstance(step, int | float) and step not in (0, 1):
        return "number", {"settings": {"least": low, "most": high, "step": step}}, {}
    labels = {
        one["value"]: told
        for one in element.get("rateValues") or []
        if isinstance(one, dict) and (told := reader.text(one.get("text")))
    }
    ends = {
        "low": reader.text(element.get("minRateDescription")),
        "high": reader.text(element.get("maxRateDescription")),
    }
    look = element.get("rateType") or element.get("rateDisplayMode")
    if look == "stars" and low == 1 and 3 <= high <= 10:
        return "stars", {"settings": {"most": high, "labels": labels, **ends}}, {}
    if look == "smileys" and low == 1 and high in (3, 5):
        return "emoji", {"settings": {"points": high, "labels": labels, **ends}}, {}
    kind, metric, settings = scale_question(text, low, high)
    if kind == "csat":
        settings |= {"labels": labels}
    return kind, {"metric": metric, "settings": settings | (ends if kind != "number" else {})}, {}


def _ends(element: Element) -> tuple[int, int]:
    low = whole(element.get("rateMin"), 1)
    if "rateMax" in element or "rateCount" not in element:
        return low, whole(element.get("rateMax"), 5)
    return low, low + whole(element.get("rateCount"), 5) - 1


def _free(reader: "Reader", element: Element, text: str) -> Made:
    kind = element.get("inputType")
    if kind in ("number", "range") or element.get("type") == "slider":
        return _number(reader, element, text)
    if kind in ("date", "datetime-local", "datetime"):
        ends = {"earliest": element.get("min"), "latest": element.get("max")}
        if kind != "date":
            reader.builder.note(LOST, question=text[:80], setting=f"inputType: {kind}")
        return "date", {"settings": {k: str(v)[:10] for k, v in ends.items() if v}}, {}
    if kind in CHECKED:
        reader.builder.note(LOST, question=text[:80], setting=f"inputType: {kind}")
    longest = whole(element.get("maxLength"), 0)
    settings = {"longest": min(longest, 10_000)} if longest > 0 else {}
    lines = 1 if element.get("type") == "text" else min(20, max(1, whole(element.get("rows"), 4)))
    return "text", {"settings": {"lines": lines, **settings}}, {}


def _number(reader: "Reader", element: Element, text: str) -> Made:
    if element.get("sliderType") == "range":
        return _as_text(reader, element, text)
    if element.get("type") == "slider":
        element = {"min": 0, "max": 100, **element}
    limits = {ours: element.get(theirs) for ours, theirs in (("least", "min"), ("most", "max"), ("step", "step"))}
    return "number", {"settings": {k: v for k, v in limits.items() if isinstance(v, int | float)}}, {}


def _boolean(reader: "Reader", element: Element, text: str) -> Made:
    if "checkbox" in (element.get("renderAs"), element.get("displayMode")):
        return "consent", {"settings": {"agreement": reader.text(element.get("label"))}}, {}
    labels = {"yes": reader.text(element.get("labelTrue")), "no": reader.text(element.get("labelFalse"))}
    options = [{"id": key, "text": labels[key], "score": score} for key, score in (("yes", 1), ("no", 0))]
    own = {str(element[name]): key for name, key in (("valueTrue", "yes"), ("valueFalse", "no")) if name in element}
    return "choice", {"settings": {"options": options}}, {"true": "yes", "false": "no", **own}


def _matrix(reader: "Reader", element: Element, text: str) -> Made:
    rows, columns = items(reader, element.get("rows"), text[:80]), items(reader, element.get("columns"), text[:80])
    plain = [{key: value for key, value in part.items() if key != "score"} for part in rows.parts]
    return "matrix", {"settings": {"rows": plain, "columns": columns.parts}}, columns.ids


def _ranking(reader: "Reader", element: Element, text: str) -> Made:
    found = items(reader, element.get("choices"), text[:80])
    plain = [{key: value for key, value in part.items() if key != "score"} for part in found.parts]
    places = whole(element.get("maxSelectedChoices"), 0) if element.get("selectToRankEnabled") else 0
    return "ranking", {"settings": {"items": plain, "places": places}}, found.ids


def _statement(reader: "Reader", element: Element, text: str) -> Made:
    return "statement", {}, {}


def _file(reader: "Reader", element: Element, text: str) -> Made:
    size, types = whole(element.get("maxSize"), 0), str(element.get("acceptedTypes") or "")
    settings: dict[str, Any] = {"megabytes": min(50, size / 1_000_000)} if size else {}
    if types:
        settings |= {"photos": any(one in types for one in PHOTOS), "documents": any(one in types for one in DOCUMENTS)}
    if element.get("allowMultiple"):
        reader.builder.note(LOST, question=text[:80], setting="allowMultiple")
    return "file", {"settings": settings}, {}


def _as_text(reader: "Reader", element: Element, text: str) -> Made:
    reader.builder.note(BECAME, question=text[:80], type=str(element.get("type")))
    return "text", {}, {}


MAKERS = {
    "rating": _rating, "radiogroup": _choice, "dropdown": _choice, "imagepicker": _choice, "buttongroup": _choice,
    "checkbox": _choices, "tagbox": _choices, "text": _free, "comment": _free, "slider": _free, "boolean": _boolean,
    "matrix": _matrix, "ranking": _ranking, "html": _statement, "file": _file, "matrixdynamic": _as_text,
    "paneldynamic": _as_text, "signaturepad": _as_text,
}  # fmt: skip
