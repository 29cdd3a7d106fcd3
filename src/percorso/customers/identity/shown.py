"""Identities, claims, decisions and traits in the words of the pages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from percorso.accounts.models import Workspace
from percorso.customers import words
from percorso.customers.identity.belonging import MARKS, rank_of
from percorso.customers.identity.book import FACTS, identities_of
from percorso.customers.identity.columns import COLUMNS
from percorso.customers.identity.histories import changes, together
from percorso.customers.identity.queries import Waiting, details
from percorso.customers.models import Company, IdentityClaim, IdentityDecision, TraitHistory
from percorso.i18n import mark

KINDS = {
    "": (mark("Id"), "key"),
    "email": (mark("E-mail address"), "mail"),
    "phone": (mark("Phone"), "phone"),
    "card": (mark("Card"), "star"),
    "external": (mark("Id of another system"), "link"),
    "anonymous": (mark("Visitor"), "device-desktop"),
}
# The kinds by which something may wait for a person, as the tabs name them.
WAITING = {
    "email": mark("E-mail addresses"),
    "phone": mark("Phones"),
    "card": mark("Cards"),
    "external": mark("Other systems"),
    "anonymous": mark("Devices"),
    "alias": mark("Said to be one"),
}
TRAITS = {
    "name": mark("Name"), "company": mark("Company"), "created_at": mark("Customer since"), "country": mark("Country"),
    "region": mark("Region"), "language": mark("Language"), "plan": mark("Plan"), "segment": mark("Customer segment"),
    "email": mark("E-mail address"), "phone": mark("Phone"),
}  # fmt: skip


@dataclass
class IdentityLine:
    """One identity of a customer: what it is, why it belongs, how many facts came of it."""

    value: str
    kind: str
    icon: str
    text: str
    main: bool = False
    facts: int = 0
    why: list[dict[str, Any]] = field(default_factory=list)


def kind_of(identity: str) -> str:
    """Return the kind of an identity: its mark without the colon, empty for an id that the company gave."""
    rank = rank_of(identity)
    return MARKS[rank - 1].rstrip(":") if rank else ""


def text_of(identity: str) -> str:
    """Return an identity without its mark."""
    kind = kind_of(identity)
    return identity.removeprefix(f"{kind}:") if kind else identity


def identity_line(value: str, customer: str = "") -> IdentityLine:
    """Return an identity as a page names it."""
    label, icon = KINDS[kind_of(value)]
    return IdentityLine(value, gettext(label), icon, text_of(value), value == customer)


def identity_lines(workspace: Workspace, customer: str) -> list[IdentityLine]:
    """Return the identities of a customer, the one that it is called by first."""
    every = dict.fromkeys([customer, *identities_of(workspace, customer)])
    return [identity_line(value, customer) for value in every]


def put_whys(
    lines: Sequence[IdentityLine], claims: Iterable[IdentityClaim], decisions: Iterable[IdentityDecision], tz: str
) -> None:
    """Say of each identity why it belongs: what was claimed and decided of it, as sentences; what does not count is told too.

    What ties two identities stands with the one that tells less; what ties one to somebody else's stands with it.
    """
    own = {line.value: line for line in lines}
    for claim in claims:
        low, high = (claim.one, claim.other) if claim.other in own else (claim.other, claim.one)
        at_home = low in own
        sentence = _claimed(claim, low, tz)
        made = {"claim": claim, "sentence": sentence, "counts": claim.undone_at is None, "far": not at_home}
        own[high].why.append(made)
    for decision in decisions:
        where = decision.other if decision.other in own else decision.one
        own[where].why.append(decision_line(decision, tz))


def _claimed(claim: IdentityClaim, far: str, tz: str) -> str:
    at, other = words.instant(claim.at, tz), named(far)
    if claim.joins and claim.source != FACTS:
        text = gettext("{source} said that it is one with {other}, {at}")
    else:
        text = gettext("{source} named it together with {other}, {at}")
    source = {"": gettext("A source"), FACTS: gettext("Imported facts")}.get(claim.source, claim.source)
    return text.format(source=source, other=other, at=at)


def decision_line(decision: IdentityDecision, tz: str) -> dict[str, Any]:
    """Return a decision as a sentence, with what was done about it since."""
    texts = {
        True: gettext("{by} decided that {one} and {other} are not one, {at}"),
        False: gettext("{by} decided that {one} and {other} are one, {at}"),
    }
    at = words.instant(decision.at, tz)
    sentence = texts[decision.apart].format(by=decision.by, one=named(decision.one), other=named(decision.other), at=at)
    undone = ""
    if decision.undone_at is not None:
        undone = gettext("{by} undid it, {at}").format(by=decision.undone_by, at=words.instant(decision.undone_at, tz))
    return {"decision": decision, "sentence": sentence, "undone": undone, "counts": not undone}


def named(identity: str) -> str:
    """Return an identity in a sentence: its kind and its text."""
    kind = kind_of(identity)
    if not kind:
        return f"“{identity}”"
    texts = {
        "email": gettext("the e-mail address {text}"), "phone": gettext("the phone {text}"), "card": gettext("the card {text}"),
        "external": gettext("the id {text}"), "anonymous": gettext("the visitor {text}"),
    }  # fmt: skip
    return texts[kind].format(text=text_of(identity))


def trait_changes(workspace: Workspace, identities: Iterable[IdentityLine]) -> list[dict[str, str]]:
    """Return which traits of a customer (by its identities) became something else, the newest first."""
    own = [line.value for line in identities][:400]
    rows = TraitHistory.objects.filter(workspace=workspace, identity__in=own).values_list("told", flat=True)
    return [
        {
            "at": words.instant(change.at.astimezone(UTC), workspace.time_zone),
            "trait": gettext(TRAITS[change.trait]) if change.trait in TRAITS else change.trait,
            "before": _value(change.trait, change.before),
            "after": _value(change.trait, change.after),
        }
        for change in changes(together(list(rows)))
    ]


def _value(trait: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    how = {"country": words.country, "language": words.spoken}.get(trait) if trait in COLUMNS else None
    return how(str(value)) if how else words.plain(value)


def waiting_lines(workspace: Workspace, several: Collection[Waiting]) -> list[dict[str, Any]]:
    """Return what waits for a person, each with its question and who the customers are."""
    known = details(workspace, {c for one in several for c in one.customers})
    named_companies = Company.objects.filter(
        workspace=workspace, key__in={row["company"] or "" for row in known.values()}
    )
    names = {company.key: str(company) for company in named_companies}
    for row in known.values():
        row["company"] = names.get(row["company"], row["company"])
    return [
        {
            "identity": one.identity,
            "about": identity_line(one.identity) if one.identity else None,
            "question": _question(one),
            "shared": one.shared,
            "customers": [_customer(workspace, c, known.get(c, {})) for c in one.customers],
        }
        for one in several
    ]


def _question(one: Waiting) -> str:
    if not one.identity:
        return gettext("A source says that these are one customer.")
    identity, n = named(one.identity), len(one.customers)
    if not one.shared:
        return gettext("Is {identity} this customer’s?").format(identity=identity)
    text = ngettext("{n} customer was named with {identity}.", "{n} customers were named with {identity}.", n)
    return text.format(n=n, identity=identity)


def _customer(workspace: Workspace, key: str, row: Mapping[str, Any]) -> dict[str, Any]:
    second = [text for text in (row.get("email"), row.get("company"), words.country(row.get("country"))) if text]
    return {
        "id": key,
        "name": row.get("name") or text_of(key),
        "second": " · ".join([*second, key] if row.get("name") else second),
        "href": reverse("customer", args=[workspace.slug, key]),
    }
