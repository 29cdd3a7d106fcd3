import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from pydantic import Field, model_validator

from percorso.errors import Unfit
from percorso.i18n import mark
from percorso.surveys.question import NOT_OFFERED, Column, Given, Refused, Tell, cleaned
from percorso.surveys.questions._options import LONGEST_OTHER, Offered, Options, chosen_ids
from percorso.surveys.questions._parts import MOST_OPTIONS, OTHER, Key

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class ChoicesSettings(Offered):
    """How many options may be chosen."""

    least: int = Field(0, ge=0, le=MOST_OPTIONS, description="At least so many must be chosen by who chooses any.")
    most: int = Field(0, ge=0, le=MOST_OPTIONS, description="At most so many may be chosen; 0 for any number.")
    alone: list[Key] = Field(
        default_factory=list, description="Ids of options that go with no other, as “none of these”."
    )

    @model_validator(mode="after")
    def _fits(self) -> "ChoicesSettings":
        if self.most and self.least > self.most:
            raise Unfit(mark("The least must not be more than the most."))
        # An option that was removed takes its mark with it.
        there = {piece.id for piece in self.pieces()}
        self.alone = [key for key in self.alone if key in there]
        return self


class ChoicesQuestion(Options):
    label = mark("Multiple choice")
    about = mark("Any number of options, or at least and at most so many. An option may let people write their own.")
    icon = "clipboard-list"
    Config = ChoicesSettings

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        config = question.config
        return {**self.offered(question, value, tell), "limits": _limits(config.least, config.most)}

    def read(self, question: "Question", given: Given, name: str) -> Any:
        sent = {cleaned(one) for one in given.getlist(name)} - {""}
        if not sent:
            return None
        offered = [piece.id for piece in question.config.pieces()]
        if not sent <= set(offered):
            raise Refused(NOT_OFFERED)
        return self._checked(
            question,
            [{"option": OTHER, "text": self.own_text(given, name)} if _is_own(question, key) else key
             for key in offered if key in sent],
        )  # fmt: skip

    def again(self, question: "Question", given: Given, name: str) -> Any:
        sent = {cleaned(one) for one in given.getlist(name)}
        own = {"option": OTHER, "text": cleaned(given.get(f"{name}.{OTHER}", ""))[: 2 * LONGEST_OTHER]}
        offered = [piece.id for piece in question.config.pieces() if piece.id in sent]
        return [own if _is_own(question, key) else key for key in offered] or None

    def parse(self, question: "Question", text: str) -> Any:
        try:
            named = [self.named(question, text)]
        except Refused:
            pieces = [
                piece for piece in re.split(r"[;\n]" if re.search(r"[;\n]", text) else ",", text) if piece.strip()
            ]
            named = [self.named(question, piece.strip()) for piece in pieces]
        order = [piece.id for piece in question.config.pieces()]
        several = {(one["option"] if isinstance(one, dict) else one): one for one in named}
        return self._checked(question, [several[key] for key in order if key in several])

    def _checked(self, question: "Question", value: list[Any]) -> list[Any]:
        """Return an answer with as many options as may be chosen; raise Refused for another."""
        config, n = question.config, len(value)
        if n < config.least:
            raise Refused(mark("You chose {given}; please choose at least {least}."), given=n, least=config.least)
        if config.most and n > config.most:
            raise Refused(mark("You chose {given}; please choose at most {most}."), given=n, most=config.most)
        if n > 1 and any(one in config.alone for one in value if isinstance(one, str)):
            raise Refused(mark("One of the options that you chose goes with no other. Please choose again."))
        return value

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        return [{"option": key, "part": key} for key in sorted(chosen_ids(value))]

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        return "; ".join(self.label_of(question, one, tell) for one in _several(value))

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        text = tell(question.text)
        flags = [
            Column(f"{question.id}.{option.id}", f"{text}: {option.named(tell)}", "flag", {})
            for option in question.config.options
        ]
        return [*flags, *self.own_column(question, tell)]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        config = question.config
        own = [self.comment(question, value) or None] if config.other else []
        if not isinstance(value, list):
            return [None] * len(config.options) + own
        return [option.id in value for option in config.options] + own


def _is_own(question: "Question", key: str) -> bool:
    return bool(key == OTHER and question.config.other)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _limits(least: int, most: int) -> str:
    """Return how many may be chosen, as a sentence; empty when any number may."""
    if least and most:
        return gettext("Choose {least} to {most}.").format(least=least, most=most)
    if most:
        return gettext("Choose at most {n}.").format(n=most)
    return gettext("Choose at least {n}.").format(n=least) if least else ""
