"""Addresses by which a supervisor sees whether percorso lives, is ready, and how it does."""

import logging
import os
from collections.abc import Iterator
from hmac import compare_digest
from ipaddress import ip_address
from threading import Event

import ibis
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from percorso.accounts.access import public
from percorso.analytics.tables import TABLES
from percorso.base import owner
from percorso.base.models import Job
from percorso.config import setting
from percorso.sources.models import Import

log = logging.getLogger("percorso.health")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
_migrated = Event()


class Stored(Collector):
    """What is counted when it is asked for: jobs and imports by state, rows of the fact tables."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing: registering must not ask the databases."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures of now."""
        for name, about, model in (("jobs", "Jobs", Job), ("imports", "Imports", Import)):
            family = GaugeMetricFamily(f"percorso_{name}", f"{about} by state", labels=("state",))
            counts = dict(model.objects.order_by().values_list("state").annotate(Count("pk")))
            for state in model.State.values:
                family.add_metric((state,), counts.get(state, 0))
            yield family
        facts = GaugeMetricFamily("percorso_facts", "Rows of the fact tables", labels=("table",))
        for table, rows in _rows().items():
            facts.add_metric((table,), rows)
        yield facts


def _rows() -> dict[str, int]:
    store = owner.store()
    counted = [store.table(name).aggregate(n=lambda t: t.count()).mutate(name=ibis.literal(name)) for name in TABLES]
    found = store.engine.fetch(store.engine.sql(ibis.union(*counted)))
    return dict(zip(found["name"].to_pylist(), found["n"].to_pylist(), strict=True))


@public
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers. Public: a supervisor has no account, and nothing is told."""
    return HttpResponse("alive\n", content_type="text/plain")


@public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether both databases answer and fit this version. Public as `live`; why it is not ready goes to the log."""
    try:
        _look()
    except Exception:
        log.exception("not ready")
        return HttpResponse("not ready\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")


@public
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give figures for Prometheus. Public to this machine itself and to who has PERCORSO_METRICS_TOKEN; 404 to others."""
    if not (_from_here(request) or _has_token(request)):
        raise Http404
    stored = CollectorRegistry()
    stored.register(Stored())
    return HttpResponse(generate_latest(_counted()) + generate_latest(stored), content_type=CONTENT_TYPE_LATEST)


def _look() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _migrated.is_set():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise RuntimeError("migrations are not applied")
        _migrated.set()
    owner.store().engine.fetch("SELECT 1 AS one")


def _counted() -> CollectorRegistry:
    """Return what was counted: by this process, or by all that serve one port together (`percorso web`)."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


def _from_here(request: HttpRequest) -> bool:
    """Whether the request comes from this machine and not through a proxy on it."""
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    token = str(setting("METRICS_TOKEN"))
    given = request.headers.get("Authorization", "")
    return bool(token) and compare_digest(given.encode(), f"Bearer {token}".encode())


urlpatterns = [
    path("health/live", live, name="health_live"),
    path("health/ready", ready, name="health_ready"),
    path("metrics", metrics, name="metrics"),
]
