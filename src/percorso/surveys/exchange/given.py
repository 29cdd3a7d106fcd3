"""The files that somebody gave: which is the questionnaire, which the answers, and what they say together."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext

from percorso.i18n import mark
from percorso.surveys.exchange.format import FORMATS, UNUSABLE, BadFile, File, Format, Read

NO_FORMAT = mark(
    "“{file}” is of no format that can be read: {known}. Export it as one of them, or ask whoever made it which it is."
)
TOO_MANY = mark("Give one questionnaire, and the file of its answers if there is one.")
# Tables fit when nothing else does.
LAST = "table"


def format_of(file: File) -> Format | None:
    """Return the format of a file; None when it has none that is known."""
    order = sorted(FORMATS, key=lambda key: key == LAST)
    return next((FORMATS[key] for key in order if FORMATS[key].fits(file)), None)


def read_files(files: Sequence[File], kinds: Mapping[int, str] | None = None, zone: str = "UTC") -> tuple[Format, Read]:
    """Return what one file says, or a questionnaire and its answers.

    Raises
    ------
    BadFile : they cannot be read, or do not belong together.
    """
    if not 1 <= len(files) <= 2:
        raise BadFile(TOO_MANY)
    several = [(format_of(file), file) for file in files]
    # Questionnaires first; tables, and what only its questionnaire's format knows, are answers.
    several.sort(key=lambda pair: pair[0] is None or pair[0].key == LAST)
    first, file = several[0]
    if first is None:
        known = ", ".join(gettext(one.label) for one in FORMATS.values())
        raise BadFile(NO_FORMAT, file=file.name, known=known)
    try:
        read = first.guess(file, kinds or {}, zone)
        for _, answers in several[1:]:
            first.answers(read, answers, zone)
    except (TypeError, AttributeError, LookupError, ValueError, RecursionError) as error:
        # A file of the right format with a list where an object belongs, and the like.
        raise BadFile(UNUSABLE, why=gettext("A part of it is not of the form that it should have.")) from error
    return first, read
