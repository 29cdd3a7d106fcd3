"""Files as they come: texts in any usual encoding, JSON, XML without entities, archives that do not explode."""

import json
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from percorso.i18n import mark
from percorso.surveys.exchange.format import BadFile, File

MEGABYTE = 1_000_000
LARGEST = 50 * MEGABYTE
LARGEST_UNPACKED = 200 * MEGABYTE
MOST_FILES = 1000
DEEPEST = 200


def text_of(file: File) -> str:
    """Return a file's text, in UTF-8, or in UTF-16 with its mark.

    Raises
    ------
    BadFile : it is in another encoding, or too large.
    """
    content = file.content
    if len(content) > LARGEST:
        raise BadFile(
            mark("“{file}” has more than {most} MB. Export fewer answers at a time."),
            file=file.name, most=LARGEST // MEGABYTE,
        )  # fmt: skip
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(
            mark("“{file}” is not in UTF-8. Open it in a spreadsheet or an editor and save it again as UTF-8."),
            file=file.name,
        ) from error


def json_of(file: File) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    BadFile : it is no JSON, too large, or nested too deep.
    """
    text = text_of(file)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise BadFile(
            mark("“{file}” is not whole JSON (line {line}). Export it again."), file=file.name, line=line
        ) from error


def starts_like_json(file: File) -> bool:
    """Whether a file may be JSON."""
    return file.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def xml_of(file: File) -> ElementTree.Element:
    """Return the root of an XML file that declares no entities.

    Raises
    ------
    BadFile : it is no XML, or has a document type, in which entities hide.
    """
    if len(file.content) > LARGEST:
        text_of(file)
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def refuse(*_: Any) -> None:
        raise BadFile(
            mark("“{file}” declares a document type, which can be used to attack. Export it again without."),
            file=file.name,
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            refuse()
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    try:
        parser.Parse(file.content, True)
        return builder.close()
    except (expat.ExpatError, LookupError, ValueError) as error:
        line = getattr(error, "lineno", 1)
        raise BadFile(
            mark("“{file}” is not whole XML (line {line}). Export it again."), file=file.name, line=line
        ) from error


def archive_of(file: File) -> list[File]:
    """Return the files of an archive.

    Raises
    ------
    BadFile : it is none, or holds far more than it should.
    """
    bomb = BadFile(
        mark("“{file}” unpacks to more than {most} MB. Export fewer answers at a time."),
        file=file.name, most=LARGEST_UNPACKED // MEGABYTE,
    )  # fmt: skip
    found: list[File] = []
    left = LARGEST_UNPACKED
    try:
        with ZipFile(BytesIO(file.content)) as archive:
            if len(archive.infolist()) > MOST_FILES:
                raise bomb
            for one in archive.infolist():
                with archive.open(one) as stream:
                    # What the archive says of its sizes may be a lie.
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise bomb
                found.append(File(one.filename, content))
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise BadFile(mark("“{file}” is not a whole archive. Export it again."), file=file.name) from error
    return found
