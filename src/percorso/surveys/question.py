"""What every type of question can do. A type is one file in `questions/` and one template of the same name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from percorso.i18n import mark
from percorso.registry import Registry

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

LONGEST_ANSWER = 10_000


class Given(Protocol):
    """What a form sent: Django's QueryDict, or anything like it."""

    def get(self, name: str, default: Any = None) -> Any: ...

    def getlist(self, name: str) -> list[Any]: ...


class Refused(Exception):
    """An answer that cannot be kept; `template` (marked) with `params` tells the respondent what to do."""

    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template)
        self.template, self.params = template, params


def cleaned(text: object) -> str:
    """Return a text as it can be kept: no NUL and no half characters (databases refuse them), lines ended by one sign.

    What is no text, such as a file where none was asked for, is none.
    """
    given = str(text or "") if isinstance(text, str | int | float) else ""
    plain = given.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return plain.encode("utf-8", "ignore").decode("utf-8").strip()


class Settings(BaseModel):
    """The settings of a question type; none, unless a type says which."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Column:
    """One column of an export: its name, its label, what it holds, and the labels of its values."""

    name: str
    label: str
    kind: Literal["number", "text", "date", "flag"]
    labels: Mapping[str | float, str]


class QuestionType:
    """One type of question.

    An answer is a JSON value that never depends on the language: numbers, ids of options, texts. The type reads it from a
    form, shows it again, says what facts it makes and what columns it has in an export.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    icon: ClassVar[str] = "message"
    Config: ClassVar[type[Settings]] = Settings
    # What an answer may measure; the first is chosen when a question of this type is added. Empty: nothing.
    metrics: ClassVar[tuple[str, ...]] = ()
    # Whether there is anything to answer.
    answerable: ClassVar[bool] = True
    # Whether one value of it can be a link in an e-mail.
    one_click: ClassVar[bool] = False

    @property
    def template(self) -> str:
        """The template of the respondent's page; it gets `q` (what `shown` returns)."""
        return f"surveys/questions/{self.key}.html"

    def shown(self, question: "Question", value: Any, tell: "Tell") -> dict[str, Any]:
        """Return what the template needs beside text, help and id; `value` is the answer so far, None for none."""
        return {"value": value}

    def read(self, question: "Question", given: Given, name: str) -> Any:
        """Return the answer that a form gives under `name`, None for none.

        Raises
        ------
        Refused : it cannot be one; the text says what to do.
        """
        text = cleaned(given.get(name, ""))
        return self.parse(question, text) if text else None

    def again(self, question: "Question", given: Given, name: str) -> Any:
        """Return what a form gave, for `shown` beside the words that refuse it: nothing that was typed is lost."""
        try:
            return self.read(question, given, name)
        except Refused:
            return cleaned(given.get(name, ""))[:LONGEST_ANSWER]

    def settled(self, value: Any, earlier: Any) -> Any:
        """Return an answer that refers to the one given `earlier` as it is kept: a file that stays; else itself."""
        return value

    def parse(self, question: "Question", text: str) -> Any:
        """Return the answer that one text names: a link's value, a cell of an import, what `readable` wrote.

        Raises
        ------
        Refused : it names none.
        """
        return cleaned(text)

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        """Return rows of `answers` without who, when and where: score, scale_min, scale_max, polarity, option …

        Rows after the first have a `part` that makes their ids differ.
        """
        return []

    def comment(self, question: "Question", value: Any) -> str:
        """Return the free text of an answer, which becomes a mention; empty for none."""
        return ""

    def readable(self, question: "Question", value: Any, tell: "Tell") -> str:
        """Return an answer as people read it."""
        return "" if value is None else str(value)

    def columns(self, question: "Question", tell: "Tell") -> Sequence[Column]:
        """Return the columns of an export."""
        return [Column(question.id, tell(question.text), "text", {})]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        """Return the values of an answer in its `columns`; None where there is none."""
        return [value]

    def fixed(self, question: "Question") -> Any:
        """Return what must not change once somebody has answered: the type, the scale."""
        return question.type

    def kept(self, question: "Question") -> Mapping[str, Any]:
        """Return what may be added to, and neither removed nor changed, once somebody has answered: options by id."""
        return {}

    def unfinished(self, question: "Question") -> str:
        """Return what is missing before the question can be asked (marked); empty when nothing is."""
        return ""


def comparable(earlier: "Question", later: "Question") -> bool:
    """Whether answers to a later wording of a question can be counted together with those to an earlier one."""
    kind = QUESTIONS.get(later.type)
    if kind is None or earlier.type != later.type or kind.fixed(earlier) != kind.fixed(later):
        return False
    return kind.kept(earlier).items() <= kind.kept(later).items()


class Tell(Protocol):
    """Gives a text in the respondent's language."""

    def __call__(self, text: Mapping[str, str]) -> str: ...


REQUIRED = mark("Please answer this question.")
NOT_OFFERED = mark("This is not one of the possible answers. Please choose again.")
QUESTIONS: Registry[QuestionType] = Registry("percorso.surveys.questions", QuestionType, "percorso.questions")


def without_words(question: "Question", value: Any) -> Any:
    """Return an answer without what somebody wrote or gave in their own way; None when nothing is left."""
    if question.type == "file":
        return None
    if not QUESTIONS[question.type].comment(question, value):
        return value
    if isinstance(value, list):
        return [one["option"] if isinstance(one, dict) else one for one in value]
    return value.get("option") if isinstance(value, dict) else None
