"""Changes of webhook sources."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from pydantic import SecretStr

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.base import jobs
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.webhooks import intake
from percorso.sources.webhooks.kind import WEBHOOK_KINDS, WebhookSettings, checked_settings
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource

By = Person | str
LIMIT = 50
KEY_BYTES = 18
LONGEST_NAME = 80


@transaction.atomic
def make_webhook_source(
    workspace: Workspace, kind: str, name: str, settings: Mapping[str, Any] | None = None, *, by: By
) -> WebhookSource:
    """Make a source with an address of its own; it takes nothing until it has a secret.

    Raises
    ------
    BadQuestion : no such kind, no name or one that is taken, a setting that does not fit, or too many sources.
    """
    config = checked_settings(WEBHOOK_KINDS[kind], settings or {})
    if workspace.webhook_sources.count() >= LIMIT:
        raise BadQuestion(mark("A workspace has {limit} webhook sources at most. Remove one first."), limit=LIMIT)
    made = WebhookSource.objects.create(
        workspace=workspace, kind=kind, name=_free(workspace, name), key=secrets.token_urlsafe(KEY_BYTES),
        settings=plain(config), by=by if isinstance(by, Person) else None,
    )  # fmt: skip
    audit.record("webhook_source_made", workspace, by=by, target=made.name, kind=kind)
    return made


@transaction.atomic
def change_webhook_source(source: WebhookSource, name: str, settings: Mapping[str, Any], *, by: By) -> WebhookSource:
    """Keep a source's name and settings; a secret that is empty stays as it is.

    Raises
    ------
    BadQuestion : no name or one that is taken, or a setting that does not fit.
    """
    kind = WEBHOOK_KINDS[source.kind]
    kept = WebhookSource.objects.select_for_update().get(pk=source.pk).settings
    asked = dict(settings) | {n: kept[n] for n in secret_names(kind.Config) if not settings.get(n) and kept.get(n)}
    source.settings = plain(checked_settings(kind, asked))
    source.name = _free(source.workspace, name, source)
    source.save(update_fields=["name", "settings"])
    audit.record("webhook_source_changed", source.workspace, by=by, target=source.name)
    return source


@transaction.atomic
def remove_webhook_source(source: WebhookSource, *, by: By) -> None:
    """Close a source's address and delete what was kept of its calls; facts that they made stay."""
    audit.record("webhook_source_removed", source.workspace, by=by, target=source.name)
    source.delete()


@transaction.atomic
def replay_deliveries(source: WebhookSource, deliveries: list[int] | None = None, *, by: By) -> int:
    """Read calls once more (None: all that were ignored or could not be read); return how many.

    Raises
    ------
    BadQuestion : none of them is kept any more.
    """
    rows = source.deliveries.exclude(state=WebhookDelivery.State.WAITING).exclude(body="")
    states = (WebhookDelivery.State.IGNORED, WebhookDelivery.State.FAILED)
    rows = rows.filter(state__in=states) if deliveries is None else rows.filter(pk__in=deliveries)
    count = rows.update(state=WebhookDelivery.State.WAITING, problem="", params={})
    if not count:
        raise BadQuestion(mark("There is nothing to read again: what came is no longer kept."))
    audit.record("webhook_source_replayed", source.workspace, by=by, target=source.name, count=count)
    # Always a job of its own: one that waits may begin before this is committed.
    jobs.enqueue(intake.JOB, workspace=source.workspace.slug)
    return count


def plain(config: WebhookSettings) -> dict[str, Any]:
    """Return settings as they are kept: JSON values, secrets in plain text."""
    secret = {name: getattr(config, name).get_secret_value() for name in secret_names(type(config))}
    return config.model_dump(mode="json") | secret


def secret_names(config: type[WebhookSettings]) -> list[str]:
    """Return the names of settings that are secrets."""
    return [name for name, field in config.model_fields.items() if field.annotation is SecretStr]


def _free(workspace: Workspace, name: str, own: WebhookSource | None = None) -> str:
    name = name.strip()[:LONGEST_NAME]
    if not name:
        raise BadQuestion(mark("Give the source a name, such as that of the shop."))
    others = workspace.webhook_sources.exclude(pk=own.pk if own else None)
    if others.filter(name=name).exists():
        raise BadQuestion(mark("There is a source {name} already: choose another name."), name=name)
    return name
