"""One-time links by which a person signs in without a password: at the first start, or when it is lost."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from percorso.accounts.models import Person

VALID_FOR = timedelta(hours=24)
SALT = "percorso.accounts.links"


def start_link(person: Person) -> str:
    """Return the address under which `person` sets a password and is signed in: for 24 hours, and once."""
    token = signing.dumps({"person": person.pk, "state": _state(person)}, salt=SALT)
    return settings.PUBLIC_URL + reverse("start", args=[token])


def person_of(token: str) -> Person | None:
    """Return the person whom a link is for; None when it is not ours, too old or used."""
    try:
        told = signing.loads(token, salt=SALT, max_age=VALID_FOR)
        person = Person.objects.filter(pk=told["person"], is_active=True, is_demo=False).first()
        fits = person is not None and constant_time_compare(told["state"], _state(person))
    except (signing.BadSignature, KeyError, TypeError):
        return None
    return person if fits else None


def _state(person: Person) -> str:
    """Return what changes as soon as the person signs in or gets another password: an older link fits no more."""
    seen = person.last_login.isoformat() if person.last_login else ""
    return salted_hmac(SALT, f"{person.pk}|{person.email}|{person.password}|{seen}").hexdigest()
