"""What events, properties, reasons and violations look like on a page."""

import json
from typing import Any

from django.utils.translation import gettext

from percorso.customers.privacy.masking import mask
from percorso.i18n import mark
from percorso.sources.arriving.latest import SeenProperty, read_properties
from percorso.sources.arriving.layout import readable
from percorso.sources.arriving.mending import MENDING_REASONS, Refusal
from percorso.sources.models import RefusedCall
from percorso.sources.tracking.calls import REASONS, REQUEST_REASONS
from percorso.sources.tracking.plan import OWN_PROPERTY, TYPES

LONGEST_VALUE, LONGEST_BODY, LONGEST_REST = 200, 4000, 24
# What is wrong with a text that is no JSON, by how Python's reader begins to say it.
BROKEN = {
    "Expecting value": mark("a value is missing."),
    "Expecting property name": mark("a name in double quotes is missing, or there is a comma too many before."),
    "Expecting ':'": mark("a colon is missing."),
    "Expecting ','": mark("a comma or the end is missing."),
    "Illegal trailing comma": mark("there is a comma too many."),
    "Extra data": mark("the call is over, and more follows."),
    "Invalid control character": mark("a line break or a tab in a text must be written as \\n or \\t."),
    "Unterminated string": mark("the text that begins here does not end."),
    "Invalid \\": mark("a backslash in a text must be written twice."),
}


def reason_of(reason: str) -> str:
    """Return why calls were refused, as a sentence; of a reason that this version does not know its name."""
    told = REASONS.get(reason) or REQUEST_REASONS.get(reason) or MENDING_REASONS.get(reason)
    return gettext(told) if told else reason


def kind_of(kind: str) -> str:
    """Return what a type of property is called."""
    return gettext(TYPES[kind][0]) if kind in TYPES else kind


def properties_of(row: dict[str, Any], personal: bool) -> list[tuple[str, str]]:
    """Return the properties of an event, names and values; without values for who may not see personal data."""
    found = {k: v for k, v in read_properties(row["properties"]).items() if k != OWN_PROPERTY}
    return [(name, _value(value) if personal else "") for name, value in found.items()]


def property_row(found: SeenProperty, size: int) -> dict[str, Any]:
    """Return a property of a sample for the page."""
    types = [(kind_of(kind), round(100 * n / found.filled)) for kind, n in found.types.most_common()]
    return {"name": found.name, "types": types, "filled": found.filled / size, "examples": found.examples}


def body_of(call: RefusedCall) -> str:
    """Return the body of a refused call, easy to read: the beginning of a long one, and what tells who somebody is masked."""
    text = readable(call.body)
    # What is cut off must not be half of an address.
    shown = mask(text[: 2 * LONGEST_BODY])
    return shown if len(shown) <= LONGEST_BODY else shown[:LONGEST_BODY] + " …"


def refusal_of(refusal: Refusal) -> str:
    """Return why a call that was sent again is not taken, as sentences."""
    told = reason_of(refusal.reason)
    if refusal.number:
        told = gettext("Call {n} of the batch: {reason}").format(n=refusal.number, reason=told)
    return gettext("{reason} ({detail})").format(reason=told, detail=refusal.detail) if refusal.detail else told


def broken_of(error: json.JSONDecodeError) -> str:
    """Return where and why a text is no JSON; lines and columns count from 1."""
    what = next((gettext(told) for start, told in BROKEN.items() if error.msg.startswith(start)), error.msg)
    place = {"line": error.lineno, "column": error.colno, "what": what}
    if rest := error.doc[error.pos : error.pos + LONGEST_REST].partition("\n")[0].strip():
        return gettext("Line {line}, column {column}, at “{rest}”: {what}").format(**place, rest=rest)
    return gettext("Line {line}, column {column}: {what}").format(**place)


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
