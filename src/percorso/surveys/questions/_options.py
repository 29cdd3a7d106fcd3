"""Questions that offer options, with one that has a text of its own if wanted."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, model_validator

from percorso.i18n import mark
from percorso.surveys.question import NOT_OFFERED, Column, Given, QuestionType, Refused, Settings, Tell, cleaned
from percorso.surveys.questions._parts import MOST_OPTIONS, OTHER, Option, Piece, Text, different, found

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

LONGEST_OTHER = 500
TOO_LONG = mark("Your answer has {given} characters; {most} fit here. Please shorten it.")
SAY_WHICH = mark("Please say which, or choose something else.")


class Offered(Settings):
    """What can be chosen."""

    options: list[Option] = Field(
        default_factory=list,
        max_length=MOST_OPTIONS,
        description="What can be chosen, in this order; ids never change.",
    )
    other: bool = Field(False, description="Adds an option with a text of one's own; its id is “other”.")
    other_text: Text = Field(default_factory=dict, description="The label of that option; “Other” when empty.")

    @model_validator(mode="after")
    def _ids_differ(self) -> "Offered":
        different(self.options, *([OTHER] if self.other else []))
        return self

    def pieces(self) -> list[Piece]:
        """Return everything that can be chosen, the option with a text of one's own among it."""
        return [*self.options, *([Piece(id=OTHER, text=self.other_text)] if self.other else [])]


class Options(QuestionType):
    """What single and multiple choice have in common. The field of the own text is called ``<name>.other``."""

    Config: ClassVar[type[Settings]] = Offered

    def own_text(self, given: Given, name: str) -> str:
        """Return the text that somebody wrote beside “other”.

        Raises
        ------
        Refused : it is missing, or too long.
        """
        text = cleaned(given.get(f"{name}.{OTHER}", ""))
        if not text:
            raise Refused(SAY_WHICH)
        if len(text) > LONGEST_OTHER:
            raise Refused(TOO_LONG, given=len(text), most=LONGEST_OTHER)
        return text

    def offered(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        """Return what templates need: the options, and the text of one's own."""
        config, chosen, own = question.config, chosen_ids(value), _own(value)
        choices = [{"value": p.id, "label": p.named(tell), "chosen": p.id in chosen} for p in config.pieces()]
        return {"value": value, "choices": choices, "other": OTHER if config.other else "", "other_text": own}

    def named(self, question: "Question", text: str) -> Any:
        """Return the option that a text names, by its id or its label; “Other: radio” has a text of its own.

        Raises
        ------
        Refused : there is no such option.
        """
        config, text = question.config, cleaned(text)
        key = found(config.pieces(), text)
        if key is not None:
            return {"option": OTHER, "text": ""} if key == OTHER and config.other else key
        label, _, own = text.partition(": ")
        if not config.other or found(config.pieces(), label) != OTHER or not own.strip():
            raise Refused(NOT_OFFERED)
        if len(own) > LONGEST_OTHER:
            raise Refused(TOO_LONG, given=len(own), most=LONGEST_OTHER)
        return {"option": OTHER, "text": own.strip()}

    def comment(self, question: "Question", value: Any) -> str:
        return _own(value)

    def kept(self, question: "Question") -> Mapping[str, Any]:
        return {option.id: option.score for option in question.config.options}

    def unfinished(self, question: "Question") -> str:
        return mark("Add at least two options.") if len(question.config.pieces()) < 2 else ""

    def label_of(self, question: "Question", one: Any, tell: Tell) -> str:
        """Return what one chosen thing is called; a text of one's own after it."""
        key = one.get("option") if isinstance(one, dict) else one
        label = next((p.named(tell) for p in question.config.pieces() if p.id == key), str(key))
        return f"{label}: {one['text']}" if isinstance(one, dict) and one.get("text") else label

    def own_column(self, question: "Question", tell: Tell) -> Sequence[Column]:
        """Return the column of own texts, where there are any."""
        if not question.config.other:
            return []
        label = Piece(id=OTHER, text=question.config.other_text).named(tell)
        return [Column(f"{question.id}.{OTHER}", f"{tell(question.text)}: {label}", "text", {})]


def chosen_ids(value: Any) -> set[str]:
    """Return the ids that an answer holds."""
    several = value if isinstance(value, list) else [value]
    return {str(one.get("option") if isinstance(one, dict) else one) for one in several if one is not None}


def _own(value: Any) -> str:
    """Return the text of one's own in an answer; empty for none."""
    several = value if isinstance(value, list) else [value]
    return next((str(one.get("text") or "") for one in several if isinstance(one, dict)), "")
