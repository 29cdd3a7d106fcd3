"""Who a request for a copy or for erasure is about: all names under which one person is known, over all modules."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import phonenumbers

from percorso.accounts.models import Workspace
from percorso.customers.forgotten import is_hashed
from percorso.customers.identity.book import identities_of, known_customers
from percorso.customers.identity.contacts import email_identity, phone_identity
from percorso.customers.privacy import facts
from percorso.customers.privacy.erased import plain
from percorso.customers.privacy.escapes import unescaped
from percorso.customers.privacy.parts import PARTS

ERASED = "[erased]"
# Shorter ids (7, c0) stand for many things: only where a field says that it is a customer do they mean somebody.
TELLING = 6
WHOSE = ("customer", "identity", "customer_id", "user_id", "userId", "anonymousId", "previousId", "person", "id")
SHORT_COUNTRY = 2
LONG = 9


@dataclass(frozen=True)
class Subject:
    """One person: `customers` and `identities` as facts and sources call them, `addresses` (mail, phone), `names`.

    `shared` are addresses that others have too: what hangs on them alone is not this person's.
    """

    customers: tuple[str, ...]
    identities: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """The addresses that are nobody else's."""
        return tuple(address for address in self.addresses if address not in self.shared)

    @property
    def everything(self) -> tuple[str, ...]:
        """All that sources may call the person by, by which later rows are known to be theirs."""
        return tuple(dict.fromkeys((*self.customers, *self.identities, *self.own_addresses)))

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """Texts that mean this person wherever they stand: addresses, and ids that stand for nothing else."""
        ids = {plain(one) for one in (*self.customers, *self.identities)}
        ids = {one for one in ids if len(one) >= TELLING and re.search(r"\d", one) and re.search(r"[A-Za-z@]", one)}
        return tuple(sorted({*self.own_addresses, *(ids - set(self.shared))}, key=len, reverse=True))

    @cached_property
    def pattern(self) -> str:
        """A pattern (RE2 and Python) of what tells who it is; its first group is what stands before."""
        texts = [_phone_pattern(text) or re.escape(text) for text in self.telling]
        return rf"(^|[^\w.+-])(?:{'|'.join(texts)})\b" if texts else ""

    @cached_property
    def named(self) -> str:
        """The same of the person's full names: others may be called so too, thus only what is written freely is searched."""
        texts = [re.escape(name) for name in self.names if " " in name.strip()]
        return rf"(^|[^\w])(?:{'|'.join(texts)})\b" if texts else ""

    @cached_property
    def _spoken(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern, re.IGNORECASE) for pattern in (self.pattern, self.named) if pattern]

    @cached_property
    def _told(self) -> list[re.Pattern[str]]:
        return [re.compile(self.pattern, re.IGNORECASE)] if self.pattern else []

    @cached_property
    def _fields(self) -> re.Pattern[str]:
        ids = "|".join(
            re.escape(json.dumps(one)) for one in {*self.customers, *self.identities, *map(plain, self.identities)}
        )
        return re.compile(rf'("(?:{"|".join(WHOSE)})"\s*:\s*)(?:{ids})')

    def scrub(self, text: str, names: bool = True) -> str:
        """Return a text without the person; with `names` false a namesake keeps the name."""
        for pattern in self._spoken if names else self._told:
            text = pattern.sub(rf"\1{ERASED}", text)
        return self._fields.sub(rf'\1"{ERASED}"', text)

    def scrub_value(self, value: Any, names: bool = True, key: str = "") -> Any:
        """Return a JSON value without the person."""
        if isinstance(value, str):
            return ERASED if value in self._ids and key in WHOSE else self.scrub(value, names)
        if isinstance(value, dict):
            return {self.scrub(name, names): self.scrub_value(one, names, name) for name, one in value.items()}
        return [self.scrub_value(one, names, key) for one in value] if isinstance(value, list) else value

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset((*self.customers, *self.identities))

    def stands_in(self, text: str) -> bool:
        """Whether a text tells of the person, also one of JSON with escapes."""
        return any(self.scrub(one) != one for one in {text, unescaped(text)})

    def dump(self) -> dict[str, Any]:
        """Return the subject as JSON."""
        return {name: list(values) for name, values in asdict(self).items()}

    @classmethod
    def load(cls, kept: dict[str, Any]) -> "Subject":
        """Return the subject that `dump` wrote."""
        return cls(**{name: tuple(values) for name, values in kept.items()})


def _phone_pattern(text: str) -> str:
    """Return a pattern of a phone however it is written, with its country or without; empty for what is none."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return ""
    country, own = str(number.country_code), str(number.national_number)
    gap = r"[\s().-]{0,3}"
    head = rf"(?:\+|00)?{gap.join(country)}{gap}"
    # A short number is somebody's only with its country.
    return f"(?:{head}){'?' if len(own) >= LONG else ''}{gap.join(own)}"


def subject_of(workspace: Workspace, customer: str) -> Subject:
    """Return the person that a customer of the facts is."""
    identities = [one for one in identities_of(workspace, customer) if one != customer]
    contacts = [*_of_facts(workspace, customer), *(pair for part in PARTS.values() for pair in part.contacts(workspace, customer))]  # fmt: skip
    told = [plain(one) for one in (customer, *identities) if one.startswith(("email:", "phone:")) or "@" in one]
    addresses = _written([*told, *(address for address, _ in contacts)])
    names = sorted({name.strip() for _, name in contacts if name and name.strip() and not is_hashed(name)})
    shared = {address for part in PARTS.values() for address in part.others(workspace, addresses, customer)}
    shared |= _of_others(workspace, addresses, customer)
    return Subject((customer,), tuple(identities), tuple(addresses), tuple(names), tuple(sorted(shared)))


def subjects_at(workspace: Workspace, address: str) -> list[Subject]:
    """Return everybody who may be meant by an e-mail address, a phone or an id; one without a customer when nobody is known."""
    identity = email_identity(address) or phone_identity(address) or address.strip()
    written = plain(identity)
    known = set(known_customers(workspace, [identity, written]).values())
    known |= set(facts.at_address(workspace, written)) | set(facts.known_by(workspace, [identity, written]))
    for part in PARTS.values():
        known |= {customer for customer in part.customers(workspace, written) if customer}
    found = [subject_of(workspace, customer) for customer in sorted(known - {identity})]
    if found:
        return found
    names = {name for part in PARTS.values() for name in part.names(workspace, written) if name}
    return [Subject((identity,), (), (written,) if identity != written else (), tuple(sorted(names)))]


def _written(addresses: Iterable[str]) -> list[str]:
    """Return addresses as they are compared, phones with and without gaps; without hashes of those who were forgotten."""
    made = {plain(address) for address in addresses if address and not is_hashed(address)}
    for address in list(made):
        if "@" not in address and (found := phone_identity(address)):
            made.add(plain(found))
    return sorted(address for address in made if len(address) >= TELLING)


def _of_facts(workspace: Workspace, customer: str) -> list[tuple[str, str]]:
    """Return addresses and names that the customer's own row tells."""
    made: list[tuple[str, str]] = []
    for row in facts.rows(workspace, [customer], "customers"):
        traits = facts.traits_of(row)
        country = str(traits.get("country") or "").upper()
        phone = str(traits.get("phone") or "")
        known = phone_identity(phone, country if len(country) == SHORT_COUNTRY else None) if phone else None
        full = " ".join(str(traits.get(key) or "") for key in ("firstName", "lastName")).strip()
        made += [(str(traits.get("email") or ""), str(row["name"] or "")), (phone, full), (known or "", str(traits.get("name") or ""))]  # fmt: skip
    return made


def _of_others(workspace: Workspace, addresses: Collection[str], customer: str) -> set[str]:
    return {address for address in addresses if set(facts.at_address(workspace, address)) - {customer}}
