"""Who a call is about: the source's own id of somebody, and the ids, addresses and phones that it tells with it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from percorso.customers.identity.belonging import Claim, rank_of
from percorso.customers.identity.contacts import email_identity, phone_identity
from percorso.sources.tracking.rows import Said
from percorso.sources.webhooks.values import text_of

LONGEST = 254


def external(system: str, value: Any) -> str:
    """Return a system's own id of somebody as an identity, empty for none."""
    text = text_of(value)
    return f"external:{system}:{text}"[:LONGEST] if text else ""


def claims_of(
    identity: str, *, own: Any = None, email: Any = None, phone: Any = None, country: Any = None
) -> list[Claim]:
    """Return what is claimed by telling an id of the company's own, an address and a phone beside an identity.

    All of them belong to the one that tells most: claimed of each other, they would dispute whose the others are.
    """
    if not identity:
        return []
    region = country.upper() if isinstance(country, str) and len(country) == 2 else None
    every = sorted({identity, *_told(own, email, phone, region)}, key=lambda one: (rank_of(one), one != own, one))
    return [Claim(every[0], other) for other in every[1:]]


def told_of(
    identity: str, claims: Sequence[Claim], at: datetime | None, traits: Mapping[str, Any]
) -> list[Said]:  # fmt: skip
    """Return what is told of somebody, by the names that Segment has for it; nothing without a time.

    It is told of the identity that tells most of all that are claimed with it.
    """
    identity = claims[0].one if claims else identity
    given = {name: value for name, value in traits.items() if value not in (None, "")}
    return [Said(at, (identity,), "identify", given)] if identity and at and given else []


def _told(own: Any, email: Any, phone: Any, region: str | None) -> Iterable[str]:
    if text := text_of(own, LONGEST):
        yield text
    if isinstance(email, str) and (found := email_identity(email)):
        yield found
    if isinstance(phone, str) and (found := phone_identity(phone, region)):
        yield found
