"""Changes of webhooks, and telling them: an event becomes a delivery each, a delivery is tried until it arrives."""

import json
import random
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.actions import notify
from percorso.accounts.models import Person, Role, Workspace
from percorso.base import jobs
from percorso.base.outbox import EVENTS
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import sending, signing
from percorso.outreach.models import ANSWERS_KEPT, Delivery, KeptAnswer, Webhook

# How long to wait after each failure: ten attempts in three days (Standard Webhooks 1.0.0).
DELAYS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
JITTER = 0.2
LONGEST_WAIT = timedelta(days=1)
BOTH_SECRETS_FOR = timedelta(days=1)
PATIENCE = timedelta(days=5)
DELIVERIES_KEPT = timedelta(days=30)
LIMIT = 20
GONE = 410
# Receivers that say they are overloaded are asked at least twice as seldom.
OVERLOADED = (429, 502, 504)
TEST = "webhook.test"
By = Person | str


@transaction.atomic
def make_webhook(workspace: Workspace, url: str, events: Iterable[str] = EVENTS, *, by: By) -> Webhook:
    """Make a webhook with a new secret.

    Raises
    ------
    BadQuestion : an address that nothing is sent to, an event that does not exist, or too many webhooks.
    """
    if workspace.webhooks.count() >= LIMIT:
        raise BadQuestion(mark("A workspace has {limit} webhooks at most. Remove one first."), limit=LIMIT)
    webhook = Webhook.objects.create(
        workspace=workspace, url=sending.check_address(url), events=_known(events), secret=signing.new_secret()
    )
    audit.record("webhook_made", workspace, by=by, target=url)
    return webhook


@transaction.atomic
def change_webhook(
    webhook: Webhook,
    *,
    by: By,
    url: str | None = None,
    events: Iterable[str] | None = None,
    enabled: bool | None = None,
) -> Webhook:
    """Change a webhook's address or events, or switch it on or off; what is None stays.

    Raises
    ------
    BadQuestion : an address that nothing is sent to, or an event that does not exist.
    """
    if url is not None:
        webhook.url = sending.check_address(url)
    if events is not None:
        webhook.events = _known(events)
    if enabled is not None and enabled != webhook.enabled:
        webhook.enabled, webhook.failing_since = enabled, None
        webhook.off_because = "" if enabled else Webhook.Off.BY_HAND
    webhook.save()
    audit.record("webhook_changed", webhook.workspace, by=by, target=webhook.url)
    return webhook


@transaction.atomic
def remove_webhook(webhook: Webhook, *, by: By) -> None:
    """Remove a webhook and what it was sent."""
    audit.record("webhook_removed", webhook.workspace, by=by, target=webhook.url)
    webhook.delete()


@transaction.atomic
def change_secret(webhook: Webhook, *, by: By) -> str:
    """Give a webhook a new secret and return it; for a day the old one signs too."""
    webhook.old_secret, webhook.old_secret_until = webhook.secret, timezone.now() + BOTH_SECRETS_FOR
    webhook.secret = signing.new_secret()
    webhook.save()
    audit.record("webhook_changed", webhook.workspace, by=by, target=webhook.url, what="secret")
    return webhook.secret


@transaction.atomic
def try_webhook(webhook: Webhook, *, by: By) -> Delivery:
    """Send a webhook an event that means nothing, to see that it arrives."""
    event = f"msg_{secrets.token_urlsafe(18)}"
    now = timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    audit.record("webhook_replayed", webhook.workspace, by=by, target=TEST)
    return _lined_up(webhook, event, TEST, _body(TEST, now, {"workspace": webhook.workspace.slug}))


@transaction.atomic
def replay(delivery: Delivery, *, by: By) -> Delivery:
    """Send an event once more, with the same id, so that a receiver that has it already can tell.

    Raises
    ------
    BadQuestion : it is on its way already, or the webhook is switched off.
    """
    if not delivery.webhook.enabled:
        raise BadQuestion(mark("The webhook is switched off. Switch it on first."))
    if delivery.state == Delivery.State.WAITING and delivery.attempts == 0:
        raise BadQuestion(mark("It is on its way already."))
    delivery.state, delivery.attempts, delivery.next_at = Delivery.State.WAITING, 0, timezone.now()
    delivery.save(update_fields=["state", "attempts", "next_at"])
    audit.record("webhook_replayed", delivery.webhook.workspace, by=by, target=delivery.event)
    jobs.enqueue("deliver", workspace=delivery.webhook.workspace.slug, by=str(by), delivery=delivery.pk)
    return delivery


@transaction.atomic
def publish_event(workspace_slug: str, event: str, kind: str, at: str, data: dict[str, Any]) -> int:
    """Line up an event for every webhook that wants it; return how many. Done twice, nothing is sent twice."""
    wanted = Webhook.objects.filter(workspace__slug=workspace_slug, enabled=True).select_related("workspace")
    body = _body(kind, at, data)
    return len([_lined_up(webhook, event, kind, body) for webhook in wanted if kind in webhook.events])


def deliver(delivery: Delivery, attempt: int) -> timedelta | None:
    """Try to deliver; return how long to wait before the next attempt, None when there is nothing more to do.

    `attempt` : which one this is, from 1.
    """
    webhook = delivery.webhook
    if delivery.state != Delivery.State.WAITING or not webhook.enabled:
        return None
    now = timezone.now()
    body = delivery.body.encode()
    signed = signing.headers(webhook.secrets_at(now), delivery.event, int(now.timestamp()), body)
    outcome = sending.send(
        webhook.url,
        body,
        {"Content-Type": "application/json", "User-Agent": f"percorso ({settings.PUBLIC_URL})"} | signed,
    )
    wait = None if outcome.ok or outcome.code == GONE else _wait(attempt, outcome)
    with transaction.atomic():
        _write_down(delivery, attempt, outcome, wait)
        _judge(webhook, outcome)
    return wait


def delete_old() -> int:
    """Delete deliveries of long ago, and answers of the API that are kept no longer; return how many deliveries."""
    KeptAnswer.objects.filter(at__lt=timezone.now() - ANSWERS_KEPT).delete()
    before = timezone.now() - DELIVERIES_KEPT
    return Delivery.objects.filter(created_at__lt=before).exclude(state=Delivery.State.WAITING).delete()[0]


def _known(events: Iterable[str]) -> list[str]:
    wanted = sorted(set(events))
    for name in wanted:
        if name not in EVENTS:
            raise BadQuestion(
                mark("There is no event {name}. Choose among: {known}."), name=name, known=", ".join(EVENTS)
            )
    if not wanted:
        raise BadQuestion(mark("Choose at least one event."))
    return wanted


def _body(kind: str, at: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "timestamp": at, "data": data}, ensure_ascii=False, separators=(",", ":"))


def _lined_up(webhook: Webhook, event: str, kind: str, body: str) -> Delivery:
    delivery, _ = Delivery.objects.get_or_create(
        webhook=webhook, event=event, defaults={"kind": kind, "body": body, "next_at": timezone.now()}
    )
    jobs.enqueue("deliver", workspace=webhook.workspace.slug, key=f"deliver:{delivery.pk}", delivery=delivery.pk)
    return delivery


def _wait(attempt: int, outcome: sending.Outcome) -> timedelta | None:
    """Return the pause after a failed attempt: the schedule's with some chance in it, longer when the receiver asks."""
    if attempt > len(DELAYS):
        return None
    pause = DELAYS[attempt - 1] * (1 + random.uniform(0, JITTER))
    if outcome.code in OVERLOADED:
        pause *= 2
    asked = timedelta(seconds=min(outcome.wait_seconds or 0.0, LONGEST_WAIT.total_seconds()))
    return max(pause, asked)


def _write_down(delivery: Delivery, attempt: int, outcome: sending.Outcome, wait: timedelta | None) -> None:
    now = timezone.now()
    failed = Delivery.State.FAILED if wait is None else Delivery.State.WAITING
    delivery.state = Delivery.State.DELIVERED if outcome.ok else failed
    delivery.attempts, delivery.tried_at = attempt, now
    delivery.next_at = None if wait is None else now + wait
    delivery.code, delivery.told = outcome.code, outcome.told[:500]
    delivery.save()


def _judge(webhook: Webhook, outcome: sending.Outcome) -> None:
    """Note since when a webhook fails; one that is gone, or has failed for too long, is switched off."""
    now = timezone.now()
    mine = Webhook.objects.filter(pk=webhook.pk)
    if outcome.ok:
        if webhook.failing_since is not None:
            mine.update(failing_since=None)
        return
    if webhook.failing_since is None:
        mine.update(failing_since=now)
    if outcome.code == GONE:
        _switch_off(
            webhook, Webhook.Off.GONE, mark("The webhook to {url} was switched off: the receiver says that it is gone.")
        )
    elif webhook.failing_since is not None and now - webhook.failing_since >= PATIENCE:
        _switch_off(
            webhook, Webhook.Off.FAILING, mark("The webhook to {url} was switched off: nothing arrived for five days.")
        )


def _switch_off(webhook: Webhook, reason: str, template: str) -> None:
    if Webhook.objects.filter(pk=webhook.pk, enabled=True).update(enabled=False, off_because=reason):
        workspace = webhook.workspace
        audit.record("webhook_changed", workspace, by="percorso", target=webhook.url, off_because=str(reason))
        owners = [m.person for m in workspace.memberships.filter(role=Role.OWNER).select_related("person")]
        href = reverse("settings_webhook", args=[workspace.slug, webhook.pk])
        notify(owners, workspace, template, {"url": webhook.url}, href=href, tone="bad")
