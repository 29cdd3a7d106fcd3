"""What was taken becomes facts: read, resolved to customers, appended; the same facts in whatever order it came."""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.analytics.tables import PERSONAL
from percorso.base.owner import store
from percorso.customers.identity.belonging import Claim
from percorso.customers.identity.book import believed
from percorso.customers.identity.told import keep_told
from percorso.customers.privacy.erased import erased
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.tracking.rows import Said
from percorso.sources.webhooks.intake import settings_of
from percorso.sources.webhooks.kind import WEBHOOK_KINDS, Call, Note, Reading, Row, Unusable
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource, WebhookThing

log = logging.getLogger("percorso.webhooks")
AT_ONCE = 200
OTHER_SHAPE = mark("The call has another shape than {kind} sends ({reason}).")
State = WebhookDelivery.State
# One process reads; within it one thread at a time, so that an older state never overtakes a newer one.
_reading = threading.Lock()


@dataclass
class Outcome:
    """What became of a delivery: its rows and claims, or why there are none."""

    delivery: WebhookDelivery
    state: str = State.DONE
    rows: list[Row] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    told: list[Said] = field(default_factory=list)
    # It tells of somebody who was erased: nothing of the call is kept.
    erased: bool = False
    problem: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    def fails(self, template: str, **params: Any) -> None:
        """Note why it could not be read, or a part of it."""
        self.state = State.FAILED
        self.problem, self.params = template[:400], {name: str(value)[:200] for name, value in params.items()}


def read_waiting(workspace: Workspace) -> int:
    """Read everything that waits in a workspace, the oldest first; return how many deliveries."""
    count = 0
    with _reading:
        while several := list(_waiting(workspace)):
            _read(workspace, several)
            count += len(several)
    return count


def _waiting(workspace: Workspace) -> Sequence[WebhookDelivery]:
    rows = WebhookDelivery.objects.select_related("source").filter(source__workspace=workspace, state=State.WAITING)
    return rows.order_by("id")[:AT_ONCE]


def _read(workspace: Workspace, deliveries: Sequence[WebhookDelivery]) -> None:
    outcomes = [_outcome(delivery) for delivery in deliveries]
    try:
        _append(workspace, outcomes)
    except UserError:
        # One of them does not fit: by themselves the others do.
        for outcome in outcomes:
            try:
                _append(workspace, [outcome])
            except UserError as error:
                outcome.rows = []
                outcome.fails(error.message, **error.params)
    # Broken off before this, all of it is read again, and makes the same rows.
    for outcome in outcomes:
        _note(outcome)


def _outcome(delivery: WebhookDelivery) -> Outcome:
    """Read one delivery; what its calls say of things is kept."""
    source, outcome = delivery.source, Outcome(delivery)
    kind = WEBHOOK_KINDS[source.kind]
    try:
        reading = kind.read(Call(delivery.body.encode(), delivery.headers), settings_of(source))
        with transaction.atomic():
            outcome.rows = _known(source, reading)
        outcome.claims, outcome.told = reading.claims, reading.told
    except Unusable as error:
        outcome.fails(error.template, **error.params)
    except UserError as error:
        outcome.fails(error.message, **error.params)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as error:
        log.warning("webhook delivery %s could not be read: %r", delivery.pk, type(error))
        outcome.fails(OTHER_SHAPE, kind=kind.label, reason=f"{type(error).__name__}: {error}")
    else:
        if reading.trouble:
            outcome.fails(reading.trouble.template, **reading.trouble.params)
        elif reading.ignored:
            outcome.state, outcome.problem = State.IGNORED, reading.ignored
    return outcome


def _known(source: WebhookSource, reading: Reading) -> list[Row]:
    """Return the rows that hold by what is known of their things: older states are left out, notes are added up."""
    things = _things(source, {row.thing for row in reading.rows} | {note.thing for note in reading.notes})
    kind, rows = WEBHOOK_KINDS[source.kind], list(reading.rows)
    for name in dict.fromkeys(note.thing for note in reading.notes):
        thing = things[name]
        thing.notes |= {note.id: note.said for note in reading.notes if note.thing == name}
        rows += kind.rows_of(name, [Note(name, key, said) for key, said in thing.notes.items()])
    made = []
    for row in rows:
        thing = things.get(row.thing) or WebhookThing(source=source)
        if row.order and row.order < thing.order:
            continue
        thing.order = max(thing.order, row.order)
        made.append(_whose(row, thing))
    for thing in things.values():
        thing.save()
    return made


def _things(source: WebhookSource, names: set[str]) -> dict[str, WebhookThing]:
    wanted = sorted(names - {""})
    known = WebhookThing.objects.select_for_update().filter(source=source, thing__in=wanted)
    found = {thing.thing: thing for thing in known}
    return {name: found.get(name) or WebhookThing(source=source, thing=name) for name in wanted}


def _whose(row: Row, thing: WebhookThing) -> Row:
    """Return a row with the identity of its thing where it tells none itself; of who was forgotten nothing is told."""
    if thing.forgotten:
        told = {k: v for k, v in row.values.items() if k not in PERSONAL}
        return replace(row, values=told | {"identity": thing.identity})
    identity = row.values.get("identity") or thing.identity
    if row.values.get("identity"):
        thing.identity = identity
    return replace(row, values=row.values | {"identity": identity or None})


def _append(workspace: Workspace, outcomes: Sequence[Outcome]) -> None:
    """Append the rows of several deliveries, each with the customer that its identity is by now."""
    _without_erased(workspace, outcomes)
    rows = [(outcome.delivery.source_id, row) for outcome in outcomes for row in outcome.rows]
    told = [said for outcome in outcomes for said in outcome.told]
    identities = {i for _, row in rows if (i := row.values.get("identity"))} | {i for said in told for i in said.ids}
    claims = {claim: outcome.delivery.source.name for outcome in outcomes for claim in outcome.claims}
    customers = believed(workspace, claims.keys(), identities, claims)
    tables: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for source, row in rows:
        customer = customers.get(row.values.get("identity") or "")
        tables[row.table, source].append(row.values | {"customer": customer})
    for (table, source), several in tables.items():
        store().append(table, several, workspace=workspace.slug, batch=f"webhook-{source}")
    keep_told(workspace, told)


def _without_erased(workspace: Workspace, outcomes: Sequence[Outcome]) -> None:
    """Leave out what is told of people who were erased."""
    named = {id(outcome): _named(outcome) for outcome in outcomes}
    gone = erased(workspace, set().union(*named.values()))
    for outcome in outcomes:
        if gone & named[id(outcome)]:
            outcome.erased = True
            outcome.rows = [row for row in outcome.rows if row.values.get("identity") not in gone]
            outcome.claims = [claim for claim in outcome.claims if not gone & set(claim[:2])]
            outcome.told = [said for said in outcome.told if not gone & set(said.ids)]


def _named(outcome: Outcome) -> set[str]:
    found = {i for row in outcome.rows if (i := row.values.get("identity"))}
    return found | {i for c in outcome.claims for i in c[:2]} | {i for said in outcome.told for i in said.ids}


def _note(outcome: Outcome) -> None:
    """Keep what became of a delivery; of whom it tells only where that is one person."""
    whose = {i for row in outcome.rows if (i := row.values.get("identity"))}
    kept: dict[str, Any] = {"body": "", "headers": {}} if outcome.erased else {}
    WebhookDelivery.objects.filter(pk=outcome.delivery.pk, state=State.WAITING).update(
        **kept, state=outcome.state, rows=len(outcome.rows), problem=outcome.problem, params=outcome.params,
        identity=next(iter(whose)) if len(whose) == 1 else "", read_at=timezone.now(),
    )  # fmt: skip
