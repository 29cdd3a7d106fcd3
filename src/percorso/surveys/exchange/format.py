"""What every format of other systems can do. A format is one file in `formats/`."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from itertools import count
from typing import Any, ClassVar

from django.utils.text import slugify
from pydantic import ValidationError

from percorso.base.reasons import place_and_reason
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.registry import Registry
from percorso.surveys.definition import Definition

NO_ANSWERS = mark("“{file}” holds no answers to this questionnaire. Give the two that belong together.")
LONGEST_ID = 40
MOST_SHOWN = 1000
UNUSABLE = mark("This file cannot become a survey: {why} Correct it in the system that it comes from and export it again.")  # fmt: skip


class BadFile(BadQuestion):
    """A file that cannot be read; the sentence says what to do."""


@dataclass(frozen=True)
class File:
    """One file that was given: its name and what it holds."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Note:
    """What could not be carried over: a marked sentence with its places, where it stood, how often."""

    template: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """One response of another system.

    key : its id there, by which it is kept once. answers : as they are kept, by question.
    """

    key: str
    answers: Mapping[str, Any]
    completed_at: datetime | None
    started_at: datetime | None = None
    language: str = ""
    customer: str = ""
    complete: bool = True


@dataclass(frozen=True)
class Column:
    """One column of a table without a questionnaire: what it is taken for, and some of its values."""

    number: int
    name: str
    kind: str
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class Bind:
    """Which question a column of answers belongs to; `part`: the row, the option or the item of it, “other” for own texts."""

    question: str
    part: str = ""


@dataclass
class Read:
    """What a file says.

    columns : what may be corrected, of tables without a questionnaire. binds : which columns of answers belong to which
    questions. values : our ids of options by question, by the other system's values.
    """

    definition: Definition
    notes: list[Note] = field(default_factory=list)
    responses: list[Answered] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    binds: dict[str, Bind] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, template: str, **params: Any) -> None:
        """Add to what could not be carried over; once for each sentence."""
        told = {key: " ".join(value.split()) if isinstance(value, str) else value for key, value in params.items()}
        made = Note(template, told)
        if made not in self.notes and len(self.notes) < MOST_SHOWN:
            self.notes.append(made)


class Format:
    """One format: told by the content of a file, read, and written if it can be."""

    key: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    # The ending of a file that is written; empty when the format is only read.
    writes: ClassVar[str] = ""

    def fits(self, file: File) -> bool:
        """Whether a file seems to be of this format."""
        raise TypeError(f"{type(self).__name__} must say which files are its own")

    def read(self, file: File) -> Read:
        """Return what a file says.

        Raises
        ------
        BadFile : it cannot be read.
        """
        raise TypeError(f"{type(self).__name__} must say how it reads")

    def guess(self, file: File, kinds: Mapping[int, str], zone: str) -> Read:
        """Return what a file says; `kinds` corrects what columns of a table are taken for, `zone` is its clock's."""
        return self.read(file)

    def answers(self, read: Read, file: File, zone: str) -> None:
        """Add the responses of a second file to the questionnaire that was read from the first.

        Raises
        ------
        BadFile : it holds no answers to it.
        """
        raise BadFile(NO_ANSWERS, file=file.name)

    def write(self, definition: Definition) -> str:
        """Return a definition in this format."""
        raise TypeError(f"{type(self).__name__} must say how it writes")


FORMATS: Registry[Format] = Registry("percorso.surveys.exchange.formats", Format, "percorso.survey_formats")


def made(values: Mapping[str, Any]) -> Definition:
    """Return a definition made of what a file says.

    Raises
    ------
    BadFile : it does not fit together.
    """
    try:
        return Definition.model_validate(values)
    except ValidationError as error:
        raise BadFile(UNUSABLE, why=place_and_reason(error.errors()[0])) from error


def question_id(wanted: str, taken: Collection[str], usual: str = "q") -> str:
    """Return an id for a question or a page that is like `wanted`, the same for the same file, and free."""
    plain = re.sub(r"[^a-z0-9_]+", "_", slugify(wanted).replace("-", "_")).strip("_")[: LONGEST_ID - 4].strip("_")
    if not plain[:1].isalpha():
        plain = f"{usual}{plain}" if plain else usual
    return next(key for key in _numbered(plain, "_") if key not in taken)


def option_id(wanted: str, taken: Collection[str]) -> str:
    """Return an id for an option that is `wanted` where that can be one."""
    plain = wanted if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", wanted) else slugify(wanted)
    plain = re.sub(r"^[^A-Za-z0-9]+", "", plain)[: LONGEST_ID - 4] or "option"
    return next(key for key in _numbered(plain, "-") if key not in taken)


def _numbered(plain: str, sign: str) -> Iterator[str]:
    """Give a name, then the name with 2, 3, 4 … behind it."""
    yield plain
    yield from (f"{plain}{sign}{n}" for n in count(2))


def option_ids(wanted: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Return ids for options, in their order; none that is `taken`."""
    ids: list[str] = []
    for one in wanted:
        ids.append(option_id(one, [*taken, *ids]))
    return ids


def plain_text(html: Any) -> str:
    """Return a text without the marks of HTML that other systems keep in it."""
    text = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->", "", str(html or ""))
    text = re.sub(r"(?i)<br\s*/?>|</p>|</div>|</li>|</h\d>", "\n", text)
    plain = re.sub(r"[ \t\xa0]+", " ", unescape(re.sub(r"<[^>]*>", "", text)))
    return re.sub(r"\s*\n\s*", "\n", plain).strip()[:5000]


def language_of(code: Any) -> str:
    """Return a language as definitions write it; English for what is none."""
    first, _, rest = str(code or "").replace("_", "-").partition("-")
    if not re.fullmatch(r"[A-Za-z]{2,3}", first):
        return "en"
    return first.lower() + (
        f"-{rest.upper() if len(rest) == 2 else rest}" if re.fullmatch(r"[A-Za-z0-9]{2,8}", rest) else ""
    )


RECOMMENDS = re.compile(r"recommend|recomend|consigli|raccomand", re.IGNORECASE)


def scale_question(text: str, low: int, high: int) -> tuple[str, str, dict[str, Any]]:
    """Return type, metric and settings for whole numbers from low to high: NPS only where it asks for recommendation."""
    if (low, high) == (0, 10) and RECOMMENDS.search(text):
        return "nps", "nps", {}
    if 2 <= high - low + 1 <= 11 and -10 <= low <= 10:
        return "csat", "", {"lowest": low, "highest": high}
    return "number", "", {"least": low, "most": high, "step": 1} if low < high else {}
