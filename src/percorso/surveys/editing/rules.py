"""The little builder of logic: rows that a form shows, and the condition that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from percorso.i18n import mark
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition, Question
from percorso.surveys.editing.draft import name_of
from percorso.surveys.question import QUESTIONS
from percorso.surveys.questions._scale import Scale

HOWS = {
    "all": mark("all of these are true"),
    "any": mark("any of these is true"),
    "none": mark("none of these is true"),
}
TESTS = {
    "is": mark("is one of"),
    "is_not": mark("is none of"),
    "at_least": mark("is at least"),
    "at_most": mark("is at most"),
    "between": mark("is between"),
    "answered": mark("is answered"),
    "unanswered": mark("is not answered"),
}
TRAIT_TESTS = {"answered": mark("is known"), "unanswered": mark("is not known")}
NUMBERS = ("at_least", "at_most", "between")
TRAIT = "trait"
MOST_ROWS = 20


@dataclass(frozen=True)
class Row:
    """One comparison: `about` is a question's id or `TRAIT` (then `trait` names it)."""

    about: str = ""
    trait: str = ""
    test: str = "is"
    values: tuple[str, ...] = ()
    low: str = ""
    high: str = ""

    @property
    def finished(self) -> bool:
        """Whether it says enough to be compared."""
        if not self.about or (self.about == TRAIT and not self.trait):
            return False
        if self.test in ("answered", "unanswered"):
            return True
        if self.test in ("is", "is_not"):
            return bool(self.values)
        needed = {"at_least": (self.low,), "at_most": (self.high,), "between": (self.low, self.high)}[self.test]
        return all(_number(text) is not None for text in needed)

    def condition(self) -> dict[str, Any]:
        """Return it as JSON."""
        subject = {"trait": self.trait} if self.about == TRAIT else {"question": self.about}
        if self.test in ("answered", "unanswered"):
            return subject | {"answered": self.test == "answered"}
        if self.test == "is":
            return subject | {"is": list(self.values)}
        if self.test == "is_not":
            return {"not": subject | {"is": list(self.values)}}
        low = {"at_least": _number(self.low)} if self.test != "at_most" else {}
        high = {"at_most": _number(self.high)} if self.test != "at_least" else {}
        return subject | low | high


@dataclass(frozen=True)
class Rules:
    """Rows of which all, any or none must hold; none at all: always. `kept` is what no rows can show."""

    how: str = "all"
    rows: tuple[Row, ...] = ()
    kept: Condition | None = None

    @classmethod
    def of(cls, condition: Condition | None) -> "Rules":
        """Return the rows that show a condition."""
        if condition is None:
            return cls()
        row = _row(condition)
        if row is not None:
            return cls(rows=(row,))
        inner = condition.none_of
        if inner is not None and inner.any_of is not None:
            how, parts = "none", inner.any_of
        else:
            how, parts = ("all", condition.all_of) if condition.all_of else ("any", condition.any_of or [])
        rows = [_row(part) for part in parts]
        if not rows or None in rows:
            return cls(kept=condition)
        return cls(how, tuple(row for row in rows if row is not None))

    @classmethod
    def read(cls, given: QueryDict, prefix: str, kept: Condition | None) -> "Rules":
        """Return the rows that a form sends; `kept` stays as long as the form says so."""
        if given.get(f"{prefix}kept"):
            return cls(kept=kept)
        how = given.get(f"{prefix}how", "all")
        many = given.get(f"{prefix}rows", "0")
        rows = [_read(given, f"{prefix}{i}.") for i in range(min(int(many) if many.isdecimal() else 0, MOST_ROWS))]
        return cls(how if how in HOWS else "all", tuple(rows))

    def act(self, do: str) -> "Rules":
        """Return it with a row more (add-row) or less (remove-row:<number>)."""
        verb, _, at = do.partition(":")
        if verb == "add-row" and len(self.rows) < MOST_ROWS:
            return replace(self, rows=(*self.rows, Row()), kept=None)
        if verb == "remove-row" and at.isdecimal():
            return replace(self, rows=tuple(row for i, row in enumerate(self.rows) if i != int(at)))
        if verb == "forget-rows":
            return Rules()
        return self

    def condition(self) -> Condition | None:
        """Return the condition that the finished rows make; None when there are none."""
        if self.kept is not None:
            return self.kept
        made = [row.condition() for row in self.rows if row.finished]
        if not made:
            return None
        if self.how == "none":
            return Condition.model_validate({"not": made[0] if len(made) == 1 else {"any": made}})
        return Condition.model_validate(made[0] if len(made) == 1 else {self.how: made})


def _row(condition: Condition) -> Row | None:
    """Return the row that shows a condition about one thing; None when no row can."""
    inner = condition.none_of
    if inner is not None:
        row = _row(inner)
        return replace(row, test="is_not") if row is not None and row.test == "is" else None
    if condition.question is None and condition.trait is None:
        return None
    limits = (condition.at_least, condition.at_most)
    has_limits = any(limit is not None for limit in limits)
    if sum((condition.among is not None, has_limits, condition.answered is not None)) != 1:
        return None
    row = Row(TRAIT if condition.trait is not None else str(condition.question), condition.trait or "")
    if condition.answered is not None:
        return replace(row, test="answered" if condition.answered else "unanswered")
    if condition.among is not None:
        return replace(row, values=tuple(_shown(value) for value in condition.among))
    low, high = (_shown(limit) if limit is not None else "" for limit in limits)
    return replace(row, test="between" if low and high else "at_least" if low else "at_most", low=low, high=high)


def _shown(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _read(given: QueryDict, prefix: str) -> Row:
    test = given.get(f"{prefix}test", "is")
    listed = [v.strip() for v in given.get(f"{prefix}list", "").split(",")]
    values = tuple(dict.fromkeys(v for v in (*given.getlist(f"{prefix}value"), *listed) if v))
    return Row(
        given.get(f"{prefix}about", ""), given.get(f"{prefix}trait", "").strip()[:80], test if test in TESTS else "is",
        values[:100], given.get(f"{prefix}low", "").strip(), given.get(f"{prefix}high", "").strip(),
    )  # fmt: skip


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _about(question: Question) -> list[dict[str, str]]:
    """Return the values that a question's answer can have, with their words; empty where they cannot be listed."""
    kind, config = QUESTIONS[question.type], question.config

    def tell(text: Mapping[str, str]) -> str:
        return next(iter(text.values()), "")

    options = getattr(config, "options", None)
    if options:
        return [{"value": option.id, "label": option.named(tell)} for option in options]
    if isinstance(kind, Scale):
        low, high = kind.ends(question)
        return [{"value": str(n), "label": str(n)} for n in range(low, high + 1)]
    return []


@dataclass(frozen=True)
class ShownRow:
    """A row as the template draws it."""

    index: int
    prefix: str
    row: Row
    subjects: Sequence[dict[str, Any]]
    tests: Sequence[dict[str, Any]]
    choices: Sequence[dict[str, Any]]
    listed: str
    needs: Sequence[str] = field(default_factory=tuple)


def shown(rules: Rules, definition: Definition, earlier: Sequence[Question], prefix: str) -> list[ShownRow]:
    """Return the rows as they are drawn; `earlier` are the questions that may be asked about."""
    return [_drawn(row, i, definition, earlier, prefix) for i, row in enumerate(rules.rows)]


def _drawn(row: Row, index: int, definition: Definition, earlier: Sequence[Question], prefix: str) -> ShownRow:
    subjects = [{"value": q.id, "label": name_of(definition, q), "chosen": q.id == row.about} for q in earlier]
    subjects.append({"value": TRAIT, "label": gettext("A trait of the customer…"), "chosen": row.about == TRAIT})
    question = next((q for q in earlier if q.id == row.about), None)
    possible = _about(question) if question else []
    labels = TESTS | (TRAIT_TESTS if row.about == TRAIT else {})
    tests = [{"value": test, "label": gettext(label), "chosen": test == row.test} for test, label in labels.items()]
    known = {choice["value"] for choice in possible}
    choices = [choice | {"chosen": choice["value"] in row.values} for choice in possible]
    others = ", ".join(value for value in row.values if value not in known)
    needs = {"at_least": ("low",), "at_most": ("high",), "between": ("low", "high")}.get(row.test, ())
    if row.test in ("is", "is_not"):
        needs = ("choices",) if choices else ("list",)
    return ShownRow(index, f"{prefix}{index}.", row, subjects, tests, choices, others, needs)


def earlier_questions(definition: Definition, page: str | None) -> list[Question]:
    """Return the questions that can be asked about on a page: those of the pages before it (of all, for None)."""
    found: list[Question] = []
    for each in definition.pages:
        if each.id == page:
            break
        found += [q for q in each.questions if QUESTIONS[q.type].answerable]
    return found
