"""The sites that may show a survey in a frame."""

import re
from urllib.parse import urlsplit

from percorso.errors import BadQuestion
from percorso.i18n import mark

HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?")
MOST_SITES = 50


def origins_in(text: str) -> list[str]:
    """Return the origins that a text names, one each; anything behind the host is not part of them.

    Raises
    ------
    BadQuestion : a line names none, or there are too many.
    """
    made: list[str] = []
    for line in text.split():
        parts = urlsplit(line.lower() if "//" in line else f"https://{line.lower()}")
        if parts.scheme not in ("https", "http") or not HOST.fullmatch(parts.netloc):
            raise BadQuestion(mark("“{line}” is no address of a site."), line=line[:100])
        made.append(f"{parts.scheme}://{parts.netloc}")
    if len(made) > MOST_SITES:
        raise BadQuestion(mark("At most {count} sites, please."), count=MOST_SITES)
    return list(dict.fromkeys(made))
