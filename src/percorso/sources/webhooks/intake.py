"""Taking a call: proven to come from its source, on the disk, then acknowledged."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from percorso.base import jobs
from percorso.base.models import Job
from percorso.customers.privacy.escapes import unescaped
from percorso.sources.webhooks.kind import NO_OBJECT, WEBHOOK_KINDS, Call, Unusable, WebhookSettings
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource

JOB = "read_webhooks"
LONGEST_ID = 120
# Of a call's headers these are kept with it: what reading it again needs, and never what proves it.
KEPT_HEADERS = (
    "content-type", "x-shopify-topic", "x-shopify-test", "x-shopify-webhook-id", "x-shopify-shop-domain",
    "x-chatwoot-delivery", "x-zendesk-webhook-invocation-id", "x-zendesk-webhook-id",
)  # fmt: skip


class Taken(NamedTuple):
    """What became of a call that is acknowledged; `new`: it did not come before."""

    delivery: str
    new: bool


def settings_of(source: WebhookSource) -> WebhookSettings:
    """Return a source's settings as its kind knows them."""
    return WEBHOOK_KINDS[source.kind].Config.model_validate(source.settings)


def take(source: WebhookSource, call: Call) -> Taken:
    """Keep a call; when this returns it is on the disk, and is read soon.

    Raises
    ------
    NotSigned : it is not proven to come from the source. Unusable : it is no JSON object.
    """
    kind, config, now = WEBHOOK_KINDS[source.kind], settings_of(source), timezone.now()
    kind.check(call, config, now)
    if b"\x00" in call.body or not _is_text(call.body) or not isinstance(call.data, dict):
        raise Unusable(NO_OBJECT)
    delivery, event = kind.delivery_of(call, config).replace("\x00", ""), kind.event_of(call, config)
    name = delivery if 0 < len(delivery) <= LONGEST_ID else "sha256:" + sha256(call.body).hexdigest()
    with durable():
        made, new = WebhookDelivery.objects.get_or_create(
            source=source, delivery=name,
            defaults={"event": event[:100], "body": unescaped(call.body.decode()), "headers": _kept(call.headers)},
        )  # fmt: skip
        if not new:
            WebhookDelivery.objects.filter(pk=made.pk).update(times=F("times") + 1)
        WebhookSource.objects.filter(pk=source.pk).update(heard_at=now)
    if made.state == WebhookDelivery.State.WAITING:
        line_up(source.workspace.slug)
    return Taken(name, new)


def line_up(workspace: str) -> None:
    """Have what waits in a workspace read; one job that has not begun yet reads all of it."""
    if not Job.objects.filter(
        name=JOB, workspace=workspace, state=Job.State.WAITING, run_at__lte=timezone.now()
    ).exists():
        jobs.enqueue(JOB, workspace=workspace)


def refuse(source: WebhookSource, why: Unusable) -> None:
    """Count a call that is not taken, and keep why, for the source's page."""
    params = {name: str(value)[:100] for name, value in why.params.items()}
    WebhookSource.objects.filter(pk=source.pk).update(
        refused=F("refused") + 1, refused_at=timezone.now(), refused_because=why.template, refused_params=params
    )


@contextmanager
def durable() -> Iterator[None]:
    """Change the database so that it holds after a power cut too: SQLite otherwise writes to the disk when it likes."""
    sqlite = connection.vendor == "sqlite" and not connection.in_atomic_block
    if sqlite:
        _synchronous("FULL")
    try:
        with transaction.atomic():
            yield
    finally:
        if sqlite:
            _synchronous("NORMAL")


def _synchronous(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={how}")


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name][:300].replace("\x00", "") for name in KEPT_HEADERS if name in headers}


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
