"""Logic of Formbricks as conditions: of blocks, of questions, and as its first versions wrote it."""

from collections.abc import Mapping
from typing import Any

from percorso.surveys.exchange.logic import Said, answered, chosen, compared, every, negated, some

SIGNS = {
    "isGreaterThan": ">", "isLessThan": "<", "isGreaterThanOrEqual": ">=", "isLessThanOrEqual": "<=",
    "greaterThan": ">", "lessThan": "<", "greaterEqual": ">=", "lessEqual": "<=",
}  # fmt: skip
GIVEN = {
    "isSubmitted": True, "isSkipped": False, "isAccepted": True, "isSet": True, "isNotSet": False, "isEmpty": False,
    "isNotEmpty": True, "submitted": True, "skipped": False, "accepted": True, "uploaded": True, "notUploaded": False,
}  # fmt: skip
ONE_OF = ("equals", "equalsOneOf", "isAnyOf", "includesOneOf", "includesOne")
NONE_OF = ("doesNotEqual", "doesNotIncludeOneOf", "notEquals")
ALL_OF = {"includesAllOf": True, "includesAll": True, "doesNotIncludeAllOf": False}
JUMPS = ("jumpToBlock", "jumpToQuestion")


class Unread(Exception):
    """A condition that cannot be said here."""


class Logic:
    """Reads conditions; `ids` and `values` are the builder's."""

    def __init__(self, ids: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> None:
        self.ids, self.values = ids, values

    def group(self, group: Mapping[str, Any]) -> Said:
        """Return the condition of a group, in which there may be groups.

        Raises
        ------
        Unread : it cannot be said here.
        """
        inner = [
            self.group(one) if "conditions" in one else self.single(one.get("leftOperand"), one)
            for one in group.get("conditions") or []
        ]
        made = (some if group.get("connector") == "or" else every)(inner)
        if made is None:
            raise Unread
        return made

    def single(self, left: Any, one: Mapping[str, Any]) -> Said:
        """Return the condition of one comparison.

        Raises
        ------
        Unread : it cannot be said here.
        """
        left = left if isinstance(left, dict) else {}
        key = self.ids.get(str(left.get("value"))) if left.get("type") in ("element", "question") else None
        if key is None or left.get("meta") or key not in self.values:
            raise Unread
        right = one.get("rightOperand") or {}
        if right and right.get("type") != "static":
            raise Unread
        return self.compared(key, str(one.get("operator")), right.get("value"))

    def compared(self, key: str, operator: str, value: Any) -> Said:
        """Return what an operator says of a question.

        Raises
        ------
        Unread : it cannot be said here.
        """
        if operator in GIVEN:
            return answered(key, is_answered=GIVEN[operator])
        several = [self._value(key, one) for one in (value if isinstance(value, list) else [value])]
        if operator in ONE_OF:
            return chosen(key, several)
        if operator in NONE_OF:
            return negated(chosen(key, several))
        if operator in ALL_OF and (whole := every([chosen(key, [one]) for one in several])):
            return whole if ALL_OF[operator] else negated(whole)
        try:
            return compared(key, SIGNS[operator], float(value))
        except (KeyError, TypeError, ValueError) as error:
            raise Unread from error

    def _value(self, key: str, value: Any) -> Any:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise Unread
        return self.values[key].get(str(value), value)
