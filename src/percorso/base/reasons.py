"""Why a value does not fit, in the language of whoever reads it: what pydantic found, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from percorso.errors import Unfit
from percorso.i18n import mark

# By pydantic's name of the reason.
REASONS = {
    "missing": mark("This is required."),
    "extra_forbidden": mark("There is no such name here."),
    "string_type": mark("Give text."),
    "string_too_long": mark("Give at most {max_length} characters."),
    "string_too_short": mark("Give at least {min_length} characters."),
    "bool_type": mark("Give true or false."),
    "bool_parsing": mark("Give true or false."),
    "int_type": mark("Give a whole number."),
    "int_parsing": mark("Give a whole number."),
    "int_from_float": mark("Give a whole number."),
    "int_parsing_size": mark("The number is too large."),
    "float_type": mark("Give a number."),
    "float_parsing": mark("Give a number."),
    "finite_number": mark("Give a number that is not infinite."),
    "greater_than_equal": mark("Give {ge} or more."),
    "greater_than": mark("Give more than {gt}."),
    "less_than_equal": mark("Give {le} or less."),
    "less_than": mark("Give less than {lt}."),
    "list_type": mark("Give a list."),
    "dict_type": mark("Give an object."),
    "model_attributes_type": mark("Give an object."),
    "model_type": mark("Give an object."),
    "too_long": mark("Give at most {max_length} entries."),
    "too_short": mark("Give at least {min_length} entries."),
    "literal_error": mark("Give one of: {expected}."),
    "date_from_datetime_parsing": mark("Give a day such as 2025-12-31."),
    "date_parsing": mark("Give a day such as 2025-12-31."),
    "date_type": mark("Give a day such as 2025-12-31."),
    "datetime_from_date_parsing": mark("Give an instant such as 2026-03-31T23:30:00Z."),
    "datetime_parsing": mark("Give an instant such as 2026-03-31T23:30:00Z."),
    "datetime_type": mark("Give an instant such as 2026-03-31T23:30:00Z."),
    "string_pattern_mismatch": mark("This is not written as it must be: {pattern}."),
    "timezone_aware": mark("Give an instant with its offset, such as 2026-03-31T23:30:00Z."),
}


def reason_of(error: Mapping[str, Any]) -> str:
    """Return why a value does not fit; `error` is one of `ValidationError.errors()`."""
    found = error.get("ctx", {})
    own = found.get("error")
    if isinstance(own, Unfit):
        return gettext(own.message).format(**own.params)
    template = REASONS.get(str(error["type"]))
    if template is None:
        return gettext("This value does not fit.")
    return gettext(template).format(**{name: str(value) for name, value in found.items()})


def place_and_reason(error: Mapping[str, Any]) -> str:
    """Return where in a document something does not fit, and why; only why when it is the whole of it."""
    where, why = ".".join(str(part) for part in error["loc"]), reason_of(error)
    return gettext("{where}: {why}").format(where=where, why=why) if where else why
