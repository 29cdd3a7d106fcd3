"""When a page or a question is shown, and what a quota counts: conditions over earlier answers and customer traits."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from percorso.errors import Unfit
from percorso.i18n import mark

Scalar = str | float | int | bool


class Condition(BaseModel):
    """``{"question": "nps", "at_most": 6}``, ``{"trait": "country", "is": ["BR", "IT"]}``, or all, any, not of others."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True)

    all_of: list["Condition"] | None = Field(None, alias="all", min_length=1)
    any_of: list["Condition"] | None = Field(None, alias="any", min_length=1)
    none_of: "Condition | None" = Field(None, alias="not")
    question: str | None = None
    trait: str | None = None
    among: list[Scalar] | None = Field(None, alias="is")
    at_least: float | None = None
    at_most: float | None = None
    answered: bool | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        subjects = [self.all_of, self.any_of, self.none_of, self.question, self.trait]
        if sum(s is not None for s in subjects) != 1:
            raise Unfit(mark("A condition is about one thing: all, any, not, question or trait."))
        tests = [self.among, self.at_least, self.at_most, self.answered]
        tested = any(t is not None for t in tests)
        if (self.question is not None or self.trait is not None) != tested:
            raise Unfit(
                mark(
                    "Say what the answer or the trait is compared with, and nothing else: is, at_least, at_most, answered."
                )
            )
        return self

    def questions(self) -> set[str]:
        """The ids of the questions that it asks about."""
        inner = [*(self.all_of or ()), *(self.any_of or ()), *([self.none_of] if self.none_of else ())]
        own = {self.question} if self.question is not None else set()
        return own.union(*(c.questions() for c in inner))

    def holds(self, answers: Mapping[str, Any], traits: Mapping[str, Any]) -> bool:
        """Whether it holds; nothing but `answered: false`, `not` holds of an answer that was not given."""
        if self.all_of is not None:
            return all(c.holds(answers, traits) for c in self.all_of)
        if self.any_of is not None:
            return any(c.holds(answers, traits) for c in self.any_of)
        if self.none_of is not None:
            return not self.none_of.holds(answers, traits)
        value = traits.get(self.trait) if self.trait is not None else answers.get(str(self.question))
        return self._fits(value)

    def _fits(self, value: Any) -> bool:
        given = value is not None and value not in ("", [], {})
        if self.answered is not None and given != self.answered:
            return False
        limits = (self.among, self.at_least, self.at_most)
        if all(limit is None for limit in limits):
            return True
        if not given:
            return False
        chosen = _chosen(value)
        if self.among is not None and not {str(one) for one in self.among} & {_plain(one) for one in chosen}:
            return False
        if self.at_least is None and self.at_most is None:
            return True
        numbers = [n for n in map(_number, chosen) if n is not None]
        low = -float("inf") if self.at_least is None else self.at_least
        high = float("inf") if self.at_most is None else self.at_most
        return any(low <= n <= high for n in numbers)


def _chosen(value: Any) -> list[Any]:
    """Return what was chosen: one value, several of a list, or the option of a choice with a text of its own."""
    if isinstance(value, dict):
        # A row of a matrix may be called "option" too.
        return [value["option"]] if value.keys() == {"option", "text"} else list(value.values())
    several = value if isinstance(value, list) else [value]
    return [one["option"] if isinstance(one, dict) and "option" in one else one for one in several]


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
