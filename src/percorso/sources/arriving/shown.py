"""What events, properties, reasons and violations look like on a page."""

import json
from typing import Any

from django.utils.translation import gettext

from percorso.customers.privacy.masking import mask
from percorso.sources.arriving.latest import SeenProperty, read_properties
from percorso.sources.models import RefusedCall
from percorso.sources.tracking.calls import REASONS, REQUEST_REASONS
from percorso.sources.tracking.plan import OWN_PROPERTY, TYPES

LONGEST_VALUE, LONGEST_BODY = 200, 4000


def reason_of(reason: str) -> str:
    """Return why calls were refused, as a sentence; of a reason that this version does not know its name."""
    told = REASONS.get(reason) or REQUEST_REASONS.get(reason)
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
    try:
        found = json.loads(call.body)
    except ValueError:
        found = call.body
    text = found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False)
    return mask(text if len(text) <= LONGEST_BODY else text[:LONGEST_BODY] + " …")


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
