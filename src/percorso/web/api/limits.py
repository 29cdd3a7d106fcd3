"""How many requests a key may make in a minute, counted where all processes look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from percorso.accounts.models import ApiKey
from percorso.outreach.models import Allowance

Kind = Literal["read", "write"]
PER_MINUTE: dict[Kind, int] = {"read": 600, "write": 120}


@dataclass(frozen=True)
class Spent:
    """What is left of a minute's allowance."""

    limit: int
    remaining: int
    reset_seconds: int
    over: bool

    def headers(self) -> dict[str, str]:
        """Return the headers that tell it."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }
        return told | ({"Retry-After": str(self.reset_seconds)} if self.over else {})


def spend(key: ApiKey, kind: Kind, now: datetime | None = None) -> Spent:
    """Count one request of a key and return what is left."""
    now = now or timezone.now()
    minute = now.replace(second=0, microsecond=0)
    mine = Allowance.objects.filter(api_key=key, kind=kind)
    # One statement a request, so that requests at the same time are counted each.
    if not mine.filter(minute=minute).update(used=F("used") + 1) and not mine.exclude(minute=minute).update(
        minute=minute, used=1
    ):
        _begin(key, kind, minute)
    used = mine.values_list("used", flat=True).get()
    limit = PER_MINUTE[kind]
    return Spent(limit, max(0, limit - used), 60 - now.second, used > limit)


def _begin(key: ApiKey, kind: Kind, minute: datetime) -> None:
    try:
        with transaction.atomic():
            Allowance.objects.create(api_key=key, kind=kind, minute=minute, used=1)
    except IntegrityError:
        Allowance.objects.filter(api_key=key, kind=kind).update(used=F("used") + 1)
