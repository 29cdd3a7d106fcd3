"""Logic of Qualtrics as conditions: of display, branches, skips and quotas."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from percorso.surveys.exchange.format import plain_text
from percorso.surveys.exchange.logic import Said, answered, chosen, compared, every, negated, some

LOCATOR = re.compile(r"q://(?P<question>QID\d+)/(?P<what>\w+)(?:/(?P<choice>[\w-]+))?(?P<more>/.+)?")
SIGNS = {"GreaterThanOrEqual": ">=", "LessThanOrEqual": "<=", "GreaterThan": ">", "LessThan": "<"}


class Unread(Exception):
    """A condition that cannot be said here."""


@dataclass
class Logic:
    """What conditions can be about.

    ids : our ids of questions by theirs. choices : our values by the numbers of their choices, of questions that have
    some. set_here : fields of embedded data that the survey itself sets, so that they are no traits.
    """

    ids: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)
    set_here: set[str] = field(default_factory=set)

    def tree(self, logic: Any) -> Said:
        """Return the condition that groups of comparisons say.

        Raises
        ------
        Unread : it cannot be said here.
        """
        groups = [group for n, group in several(logic).items() if n.isdigit()]
        joins = {str(group.get("Type")) for group in groups[1:] if isinstance(group, dict)}
        made = [self._group(group) for group in groups]
        if not made or len(joins) > 1:
            raise Unread
        whole = every(made) if joins <= {"AndIf", "And"} else some(made)
        if whole is None:
            raise Unread
        return whole

    def _group(self, group: Any) -> Said:
        steps = [one for n, one in several(group).items() if n.isdigit()]
        if not steps or not all(isinstance(one, dict) for one in steps):
            raise Unread
        # The misspelt name is theirs.
        joins = {str(one.get("Conjuction") or one.get("Conjunction") or "And") for one in steps[1:]}
        if len(joins) > 1:
            raise Unread
        made = [self.compared(one, str(one.get("Operator"))) for one in steps]
        whole = some(made) if joins == {"Or"} else every(made)
        if whole is None:
            raise Unread
        return whole

    def compared(self, one: Mapping[str, Any], operator: str) -> Said:
        """Return one comparison.

        Raises
        ------
        Unread : it cannot be said here.
        """
        right = one.get("RightOperand")
        if one.get("LogicType") == "EmbeddedField":
            return self._trait(str(one.get("LeftOperand")), operator, right)
        match = LOCATOR.match(str(one.get("ChoiceLocator") or one.get("LeftOperand") or ""))
        key = self.ids.get(match["question"]) if match else None
        if match is None or key is None or match["more"]:
            raise Unread
        if operator in ("Selected", "NotSelected") and match["choice"]:
            if match["choice"] not in self.choices.get(match["question"], {}):
                raise Unread
            picked = chosen(key, [self.choices[match["question"]][match["choice"]]])
            return picked if operator == "Selected" else negated(picked)
        if operator in ("Empty", "NotEmpty"):
            return answered(key, is_answered=operator == "NotEmpty")
        if match["choice"] and self.choices.get(match["question"]):
            # A number or a text beside one of several choices.
            raise Unread
        if operator in ("EqualTo", "NotEqualTo"):
            equal = chosen(key, [str(right)])
            return equal if operator == "EqualTo" else negated(equal)
        try:
            return compared(key, SIGNS[operator], float(str(right)))
        except (KeyError, ValueError) as error:
            raise Unread from error

    def _trait(self, name: str, operator: str, right: Any) -> Said:
        if name in self.set_here or not name:
            raise Unread
        known: dict[str, Said] = {
            "EqualTo": {"trait": name, "is": [str(right)]},
            "NotEqualTo": {"not": {"trait": name, "is": [str(right)]}},
            "NotEmpty": {"trait": name, "answered": True},
            "Empty": {"trait": name, "answered": False},
        }
        if operator not in known:
            raise Unread
        return known[operator]


def several(given: Any) -> dict[str, Any]:
    """Return what is an object, or a list of the same."""
    if isinstance(given, list):
        return {str(i): one for i, one in enumerate(given)}
    return given if isinstance(given, dict) else {}


def said(logic: Any) -> str:
    """Return a condition as Qualtrics describes it."""
    steps = [one for group in several(logic).values() for one in several(group).values()]
    told = [plain_text(one.get("Description")) for one in steps if isinstance(one, dict)]
    return " ".join(re.sub(r"\s+", " ", "; ".join(filter(None, told))).split())[:200]
