"""Changes of collection plans and of what they ask."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.models import Plan, PlanItem
from percorso.insights.plans.queries import plannable

LONGEST = timedelta(days=2 * 366)


def refuse_wrong_days(starts: date, ends: date) -> None:
    """Check the days of a plan.

    Raises
    ------
    BadQuestion : it ends before it starts, or lasts longer than two years.
    """
    if not starts <= ends <= starts + LONGEST:
        raise BadQuestion(mark("A plan ends on the day it starts or later, within two years."))


@transaction.atomic
def make_plan(workspace: Workspace, *, name: str, starts: date, ends: date, response_rate: float, by: Person) -> Plan:
    """Make a plan; what it measures is added after.

    Raises
    ------
    BadQuestion : see `refuse_wrong_days`.
    """
    refuse_wrong_days(starts, ends)
    made = Plan.objects.create(
        workspace=workspace, name=name, starts=starts, ends=ends, response_rate=response_rate, by=by
    )
    audit.record("plan_made", workspace, by=by, target=name)
    return made


@transaction.atomic
def change_plan(plan: Plan, *, by: Person, **given: Any) -> None:
    """Change name, days or the expected response rate of a plan."""
    refuse_wrong_days(given["starts"], given["ends"])
    for name, value in given.items():
        setattr(plan, name, value)
    plan.save(update_fields=list(given))
    audit.record("plan_changed", plan.workspace, by=by, target=plan.name)


@transaction.atomic
def remove_plan(plan: Plan, *, by: Person) -> None:
    """Take a plan away with all that it asks; answers stay."""
    audit.record("plan_removed", plan.workspace, by=by, target=plan.name)
    plan.delete()


@transaction.atomic
def add_item(plan: Plan, *, by: Person, **given: Any) -> PlanItem:
    """Add an indicator of an experience to a plan. `given`: the fields of `PlanItem`.

    Raises
    ------
    BadQuestion : no number of answers can be planned for the indicator.
    """
    _refuse_wrong_item(plan, given)
    made = PlanItem.objects.create(plan=plan, **given)
    audit.record("plan_changed", plan.workspace, by=by, target=plan.name, added=str(made))
    return made


@transaction.atomic
def change_item(item: PlanItem, *, by: Person, **given: Any) -> None:
    """Change an item of a plan."""
    _refuse_wrong_item(item.plan, given)
    for name, value in given.items():
        setattr(item, name, value)
    item.save(update_fields=list(given))
    audit.record("plan_changed", item.plan.workspace, by=by, target=item.plan.name, changed=str(item))


@transaction.atomic
def remove_item(item: PlanItem, *, by: Person) -> None:
    """Take an item out of its plan."""
    audit.record("plan_changed", item.plan.workspace, by=by, target=item.plan.name, removed=str(item))
    item.delete()


def _refuse_wrong_item(plan: Plan, given: dict[str, Any]) -> None:
    key, segment = given["indicator"], given.get("segment")
    if key not in INDICATORS or not plannable(INDICATORS[key]):
        raise BadQuestion(mark("No number of answers can be planned for {key}."), key=key)
    if not given["precision"] > 0:
        raise BadQuestion(mark("Give how far off the figure may be, above 0."))
    if segment is not None and segment.workspace_id != plan.workspace_id:
        raise BadQuestion(mark("There is no such segment in this workspace."))
