"""Reads of webhook sources."""

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.sources.webhooks.intake import settings_of
from percorso.sources.webhooks.kind import WEBHOOK_KINDS, WebhookKind
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource

State = WebhookDelivery.State
OTHERS = "generic"
LATELY = timedelta(days=7)


def webhook_sources(workspace: Workspace) -> QuerySet[WebhookSource]:
    """Return the sources with what came in the last seven days: `came`, `failed`; and what `waits`."""
    late = Q(deliveries__at__gte=timezone.now() - LATELY)
    return WebhookSource.objects.filter(workspace=workspace).annotate(
        came=Count("deliveries", filter=late),
        failed=Count("deliveries", filter=late & Q(deliveries__state=State.FAILED)),
        waits=Count("deliveries", filter=Q(deliveries__state=State.WAITING)),
    )


def deliveries(source: WebhookSource, state: str = "") -> QuerySet[WebhookDelivery]:
    """Return what a source delivered, the newest first; of one state, or of all."""
    return source.deliveries.filter(state=state) if state in State.values else source.deliveries.all()


def counts(source: WebhookSource) -> dict[str, int]:
    """Return how many deliveries of a source there are by state."""
    return counts_of(source.workspace)[source.pk]


def counts_of(workspace: Workspace) -> dict[int, dict[str, int]]:
    """Return how many deliveries there are by state, for each source that is asked for."""
    found: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(State.values, 0))
    rows = WebhookDelivery.objects.filter(source__workspace=workspace).order_by()
    for source, state, n in rows.values_list("source", "state").annotate(n=Count("pk")):
        found[source][state] = n
    return found


def last_with_body(source: WebhookSource, most: int = 1) -> list[WebhookDelivery]:
    """Return the newest deliveries whose bodies are kept."""
    return list(source.deliveries.exclude(body="")[:most])


def kinds() -> list[WebhookKind]:
    """Return the kinds of sources as they are offered: the one for all others last."""
    return sorted(WEBHOOK_KINDS.values(), key=lambda kind: (kind.key == OTHERS, kind.label))


def address_of(source: WebhookSource) -> str:
    """Return the address to give to the other side; with the token in it where the source is proven by one."""
    config = settings_of(source)
    address = settings.PUBLIC_URL + reverse("webhook_call", args=[source.key])
    token = config.secret.get_secret_value() if WEBHOOK_KINDS[source.kind].uses_token(config) else ""
    return f"{address}?token={token}" if token else address
