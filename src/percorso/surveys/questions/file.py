import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import Field

from percorso.i18n import mark
from percorso.surveys.question import Column, Given, QuestionType, Refused, Settings, Tell, cleaned
from percorso.surveys.questions._numbers import write_number
from percorso.surveys.questions._parts import as_map

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

MEGABYTE = 1_000_000
KEPT = re.compile(r"[A-Za-z0-9_-]{1,40}")
# The endings of names that are taken, by kind.
ENDINGS = {
    "photos": (".jpg", ".jpeg", ".png", ".webp", ".heic", ".gif"),
    "documents": (".pdf", ".txt", ".doc", ".docx", ".odt", ".rtf"),
    "tables": (".xls", ".xlsx", ".ods", ".csv"),
    "recordings": (".mp3", ".m4a", ".ogg", ".wav", ".mp4", ".mov", ".webm"),
}


class FileSettings(Settings):
    """Which files can be given."""

    photos: bool = Field(True, description="Photos and screenshots are taken.")
    documents: bool = Field(True, description="Texts and PDF are taken.")
    tables: bool = Field(False, description="Spreadsheets are taken.")
    recordings: bool = Field(False, description="Sound and video are taken.")
    megabytes: float = Field(10, gt=0, le=50, description="How large a file may be, in megabytes.")

    def endings(self) -> list[str]:
        """Return the endings of names that are taken."""
        return [ending for kind, endings in ENDINGS.items() if getattr(self, kind) for ending in endings]


class FileQuestion(QuestionType):
    """The answer is ``{"upload": key, "name": name}``.

    `read` returns the file that a form gives (it has `name`, `size` and is to be stored), or ``{"upload": key}`` where
    somebody keeps the one given before; `settled` then gives the earlier answer, when that is theirs.
    """

    label = mark("File")
    about = mark("A photo or a document, of the kinds and the size that you allow.")
    icon = "file"
    Config = FileSettings

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        config, known = question.config, as_map(value)
        endings = config.endings()
        return {
            "value": value,
            "accept": ",".join(endings),
            "endings": ", ".join(ending.removeprefix(".").upper() for ending in endings),
            "megabytes": write_number(config.megabytes),
            "upload": str(known.get("upload") or ""),
            "name_given": str(known.get("name") or ""),
        }

    def read(self, question: "Question", given: Given, name: str) -> Any:
        file = given.get(name)
        if not hasattr(file, "size") or not hasattr(file, "name"):
            return _kept(given, name)
        config = question.config
        if file.size > config.megabytes * MEGABYTE:
            raise Refused(
                mark("This file has {size} MB; at most {most} MB can be sent. Please choose a smaller one."),
                size=write_number(round(file.size / MEGABYTE, 1)),
                most=write_number(config.megabytes),
            )
        if not file.size:
            raise Refused(mark("This file is empty. Please choose another."))
        if PurePath(str(file.name).lower()).suffix not in config.endings():
            kinds = ", ".join(config.endings())
            raise Refused(mark("Files of this kind are not taken. Please choose one of: {kinds}."), kinds=kinds)
        return file

    def again(self, question: "Question", given: Given, name: str) -> Any:
        return _kept(given, name)

    def settled(self, value: Any, earlier: Any) -> Any:
        kept = as_map(value).get("upload")
        if kept is None:
            return value
        return earlier if as_map(earlier).get("upload") == kept else None

    def parse(self, question: "Question", text: str) -> Any:
        raise Refused(mark("A file cannot be given in words. Please choose one."))

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        return []

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        return str(as_map(value).get("name") or "")

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        return [Column(question.id, tell(question.text), "text", {})]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        return [as_map(value).get("name")]


def _kept(given: Given, name: str) -> dict[str, str] | None:
    """Return the file given before that a form keeps; None for none."""
    kept = cleaned(given.get(f"{name}.kept", ""))
    return {"upload": kept} if KEPT.fullmatch(kept) else None
