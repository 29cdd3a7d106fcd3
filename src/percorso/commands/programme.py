"""The demo company's programme: segments, personas, goals, boards and what else a team sets up around its figures."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from percorso.accounts.actions import DEMO_EMAIL
from percorso.accounts.models import Person, Workspace
from percorso.commands.demo_surveys import make_surveys
from percorso.commands.demo_touchpoints import make_touchpoints
from percorso.customers.models import Segment
from percorso.customers.personas.actions import make_persona
from percorso.customers.segments.actions import make_segment
from percorso.demo import Truth
from percorso.insights.actions import make_annotation
from percorso.insights.alerting.actions import usual_watch
from percorso.insights.boards.actions import make_board
from percorso.insights.boards.starters import STARTERS
from percorso.insights.goals.actions import make_benchmark, make_goal
from percorso.insights.plans.actions import add_item, make_plan
from percorso.insights.reports.actions import make_report
from percorso.insights.scorecards.actions import make_scorecard
from percorso.insights.scorecards.frameworks import FRAMEWORKS

HOME = ["Uno", "Duo", "Tutto"]
MADE = (
    "segments",
    "personas",
    "goals",
    "benchmarks",
    "plans",
    "scorecards",
    "boards",
    "watches",
    "reports",
    "annotations",
    "surveys",
    "sources",
    "funnels",
)


@transaction.atomic
def make_programme(workspace: Workspace, truth: Truth) -> bool:
    """Set up the programme in the workspace's language; return False when somebody has set up anything already.

    The process must own the store, which has the demo's facts: baselines and evidence are read from it.
    """
    if any(getattr(workspace, kind).exists() for kind in MADE):
        return False
    by = Person.objects.filter(is_demo=True).first() or Person.objects.create_user(
        DEMO_EMAIL, name="Demo", is_demo=True
    )
    with translation.override(workspace.language):
        segments = _segments(workspace, by)
        _personas(workspace, segments, by)
        _goals(workspace, segments, truth.until, by)
        _plan(workspace, segments, truth.until, by)
        for framework in ("three_pillars", "six_pillars"):
            name = gettext(FRAMEWORKS[framework].label)
            make_scorecard(workspace, framework=framework, name=name, segment=None, by=by)
        _boards(workspace, by)
        _annotations(workspace, truth, by)
        usual_watch(workspace, by=by)
        make_surveys(workspace, truth, by)
        make_touchpoints(workspace, truth, by)
    return True


def _segments(workspace: Workspace, by: Person) -> dict[str, Segment]:
    plan = {"trait": "plan", "is": HOME}
    bought = {"did": "orders", "at_least": 1}
    told: dict[str, tuple[str, str, dict[str, Any]]] = {
        "home": (
            gettext("Home subscribers in Brazil"),
            gettext("One country, so that their revenue has one currency."),
            {"all": [plan, {"trait": "country", "is": ["BR"]}]},
        ),
        "office": (
            gettext("Offices and hospitality"),
            gettext("Companies: few, large, with their own support team."),
            {"trait": "segment", "is": ["office", "hospitality"]},
        ),
        "quiet": (
            gettext("Shoppers gone quiet"),
            gettext("They bought in the shop, have no plan now, and have not ordered for 60 days."),
            {"all": [bought, {"last": "orders", "at_least_days": 60}, {"trait": "plan", "empty": True}]},
        ),
        "unhappy": (
            gettext("Detractors of the last half year"),
            gettext("Their latest answer to the recommendation question was 6 or less."),
            {"answered": "nps", "at_most": 6, "within_days": 183},
        ),
    }
    return {
        key: make_segment(workspace, name=name, about=about, rule=rule, by=by)
        for key, (name, about, rule) in told.items()
    }


def _personas(workspace: Workspace, segments: Mapping[str, Segment], by: Person) -> None:
    make_persona(
        workspace, by=by, segment=segments["home"], name="Luana Prado", face="5",
        role=gettext("Drinks two cups before work, subscribed for a year"),
        quote=gettext("I do not want to think about coffee. It shall just be there."),
        needs=gettext("A box that comes before the last one is empty\nTo skip a delivery in two taps"),
        pains=gettext("Parcels that come late before a holiday\nA price that rises by letter"),
        goals=gettext("Good coffee every morning\nNo surprise on the bill"),
    )  # fmt: skip
    make_persona(
        workspace, by=by, segment=segments["office"], name="Marco Ferri", face="2",
        role=gettext("Office manager, orders for forty people"),
        quote=gettext("When the machine stands still, everybody comes to me."),
        needs=gettext("Invoices that accounting accepts\nOne person in support who knows him"),
        pains=gettext("To explain the same fault three times\nInvoices that are hard to find"),
        goals=gettext("Nobody talks about the coffee\nAn order that repeats itself"),
    )  # fmt: skip
    make_persona(
        workspace, by=by, segment=segments["quiet"], name="Chiara Neri", face="7",
        role=gettext("Buys for guests and as a present"),
        quote=gettext("I liked it. I just forgot about you."),
        needs=gettext("A reason to come back\nTo choose without knowing much about coffee"),
        pains=gettext("A checkout that fails at the last step\nToo many kinds"),
        goals=gettext("A present that is on time\nTo find what she liked last time"),
    )  # fmt: skip


def _goals(workspace: Workspace, segments: Mapping[str, Segment], until: date, by: Person) -> None:
    starts = until - timedelta(days=60)
    soon, later = until + timedelta(days=90), until + timedelta(days=240)
    make_goal(
        workspace, indicator="csat", target=0.82, starts=starts, due=later, by=by,
        drivers=["sla_compliance", "first_response_time", "fcr"],
        note=gettext("Deliveries on time and first replies in time are what we can work on."),
    )  # fmt: skip
    make_goal(
        workspace, indicator="nps", target=40.0, starts=starts, due=later, by=by, segment=segments["home"],
        note=gettext("Those who pay every month shall want to tell others."),
    )  # fmt: skip
    make_goal(
        workspace, indicator="first_response_time", target=1_200.0, starts=starts, due=soon, by=by,
        note=gettext("Twenty minutes, at all hours: a slow first reply makes customers leave."),
    )  # fmt: skip
    make_goal(
        workspace, indicator="closed_loop_rate", target=0.9, starts=starts, due=soon, by=by,
        note=gettext("Nine of ten unhappy customers hear from us within two days."),
    )  # fmt: skip
    source = gettext("Made up for the demo company: no study, no real company")
    for indicator, value in (("nps", 45.0), ("csat", 0.8)):
        name = gettext("Coffee subscriptions (invented)")
        make_benchmark(workspace, indicator=indicator, name=name, value=value, source=source, day=starts, by=by)


def _plan(workspace: Workspace, segments: Mapping[str, Segment], until: date, by: Person) -> None:
    starts, ends = until - timedelta(days=30), until + timedelta(days=60)
    name = gettext("What we listen to this quarter")
    plan = make_plan(workspace, name=name, starts=starts, ends=ends, response_rate=0.2, by=by)
    add_item(plan, by=by, indicator="csat", touchpoint="delivery", precision=0.03)
    add_item(plan, by=by, indicator="ces", touchpoint="support", precision=0.2)
    add_item(plan, by=by, indicator="nps", survey="relationship", precision=8.0, segment=segments["home"])
    add_item(plan, by=by, indicator="csat", survey="support", precision=0.04, segment=segments["office"])


def _boards(workspace: Workspace, by: Person) -> None:
    voice, _ = (make_board(workspace, name=gettext(STARTERS[key].name), starter=key, by=by) for key in ("voice", "service"))  # fmt: skip
    name = gettext("Voice of the customer, every month")
    make_report(voice, name=name, recipients=[], every="month", day=2, active=False, by=by)


def _annotations(workspace: Workspace, truth: Truth, by: Person) -> None:
    told = (
        (truth.bot_from, gettext("A bot answers chats and WhatsApp first"), ""),
        (truth.carrier_from, gettext("A new carrier delivers in Italy"), ""),
        (truth.price_from, gettext("Prices of the home plans rise by 12 %"), ""),
        (truth.days_before(truth.loop_days_before), gettext("A team calls unhappy customers back"), "closed_loop_rate"),
        (truth.broken_from, gettext("Release 4.28.0 breaks the checkout on the web"), "conversion_rate"),
        (truth.days_before(truth.account_days_before), gettext("The new account area goes live"), ""),
    )
    for day, text, indicator in told:
        make_annotation(workspace, day=day, text=text, indicator=indicator, by=by)
