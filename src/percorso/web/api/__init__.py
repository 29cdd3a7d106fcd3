"""The REST interface: one NinjaAPI, a router of every app, and what stands around every operation."""

from typing import Any

from django.urls import re_path
from ninja import NinjaAPI

from percorso.accounts.bearer import READ
from percorso.customers.api import router as customers
from percorso.customers.companies.api import router as companies
from percorso.customers.consent_api import router as consents
from percorso.customers.identity.api import router as identities
from percorso.customers.personas.api import router as personas
from percorso.customers.segments.api import router as segments
from percorso.engagement.flows.api import router as flows
from percorso.engagement.funnels.api import router as funnels
from percorso.engagement.retention.api import router as retention
from percorso.engagement.speed.api import router as speed
from percorso.engagement.usage.api import router as usage
from percorso.insights.alerting.api import router as alerts
from percorso.insights.api import router as insights
from percorso.insights.boards.api import router as boards
from percorso.insights.goals.api import router as goals
from percorso.insights.reports.api import router as reports
from percorso.insights.value.api import router as value
from percorso.outreach.api import router as webhooks
from percorso.outreach.channels_api import router as channels
from percorso.sources.api import router as sources
from percorso.sources.arriving.api import router as arriving
from percorso.sources.arriving.refused_api import router as refused
from percorso.sources.webhooks.api import router as webhook_sources
from percorso.surveys.api import router as surveys
from percorso.surveys.invitations_api import router as invitations
from percorso.web.api.document import Document, Documented
from percorso.web.api.gate import gate, unknown
from percorso.web.api.problems import answer_problems
from percorso.web.api.reading import StrictParser

ABOUT = """
Everything that a program may do with one workspace. Sign every request with `Authorization: Bearer pc_…`: the key's
workspace is the workspace. Owners make keys in the settings; a key reads, or reads and writes, and reads personal data
only when it says so.

Instants are ISO 8601 in UTC, shares 0 to 1, durations seconds, money in minor units. Errors are `application/problem+json`
(RFC 9457). Lists come in pages: give `next` as `cursor`. A POST with an `Idempotency-Key` can be repeated safely for a day.
""".strip()


class Interface(Documented, NinjaAPI):
    """The interface with a document that says everything that can be answered."""


api = Interface(
    title="percorso",
    version="1",
    description=ABOUT,
    urls_namespace="api",
    auth=READ,
    parser=StrictParser(),
    docs=Document(),
)
answer_problems(api)
for tag, router in (
    ("Figures", insights),
    ("Analyses", value),
    ("Behaviour", funnels),
    ("Behaviour", retention),
    ("Behaviour", flows),
    ("Behaviour", usage),
    ("Behaviour", speed),
    ("Goals", goals),
    ("Alerts", alerts),
    ("Boards and reports", boards),
    ("Boards and reports", reports),
    ("Facts and imports", sources),
    ("Events", arriving),
    ("Events", refused),
    ("Customers", identities),
    ("Customers", companies),
    ("Customers", customers),
    ("Customers", consents),
    ("Customers", segments),
    ("Customers", personas),
    ("Surveys", surveys),
    ("Surveys", invitations),
    ("Channels", channels),
    ("Webhooks", webhooks),
    ("Webhook sources", webhook_sources),
):
    api.add_router("", router, tags=[tag])


def _addresses() -> list[Any]:
    patterns = api.urls[0]
    for pattern in patterns:
        if pattern.name not in ("openapi-json", "openapi-view"):
            pattern.callback = gate(pattern.callback)
    own = [pattern for pattern in patterns if pattern.name != "api-root"]
    return [*own, *(pattern for pattern in patterns if pattern.name == "api-root"), re_path("", unknown)]


app_name = "api"
urlpatterns: list[Any] = _addresses()
