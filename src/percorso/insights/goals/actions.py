"""Changes of goals and benchmarks."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.goals.queries import can_have_goal, figure_now
from percorso.insights.models import Benchmark, Goal

CURRENCY = re.compile(r"[A-Z]{3}")
LONGEST = timedelta(days=5 * 366)
CHANGED = ("target", "baseline", "starts", "due", "owner", "drivers", "note", "segment", "options")


def refuse_wrong_goal(
    workspace: Workspace,
    *,
    indicator: str,
    target: float,
    starts: date,
    due: date,
    drivers: Sequence[str],
    owner: Person | None,
    segment: Segment | None,
    options: dict[str, Any],
    **_: Any,
) -> None:
    """Check that a goal makes sense.

    Raises
    ------
    BadQuestion : no such indicator, a target out of its range, days in the wrong order, an owner or segment from elsewhere,
        or a goal on a lagging indicator that names no leading one that moves it (specification 3).
    """
    found = INDICATORS.get(indicator)
    if found is None:
        raise BadQuestion(mark("There is no indicator {key}."), key=indicator)
    if not can_have_goal(found):
        raise BadQuestion(mark("{key} is shown by group only, so it cannot have one target."), key=indicator)
    _refuse_wrong_options(found, options)
    refuse_outside(found, target)
    if not starts < due <= starts + LONGEST:
        raise BadQuestion(mark("A goal is due after the day it starts on, within five years."))
    if owner is not None and not workspace.memberships.filter(person=owner).exists():
        raise BadQuestion(mark("The owner is not a member of this workspace."))
    if segment is not None and segment.workspace_id != workspace.pk:
        raise BadQuestion(mark("There is no such segment in this workspace."))
    _refuse_wrong_drivers(found, drivers)


def _refuse_wrong_options(indicator: Indicator, options: dict[str, Any]) -> None:
    if unknown := sorted(set(options) - set(indicator.options)):
        raise BadQuestion(mark("{key} has no option {option}."), key=indicator.key, option=unknown[0])
    for name, value in options.items():
        usual = indicator.options[name].default
        if usual is not None and isinstance(usual, str) != isinstance(value, str):
            raise BadQuestion(mark("{option} cannot be {value}."), option=name, value=str(value))
    indicator.chosen(options)


def refuse_outside(indicator: Indicator, value: float) -> None:
    """Check that a value can be reached at all.

    Raises
    ------
    BadQuestion : it lies outside of the indicator's range.
    """
    low, high = indicator.range
    if (low is not None and value < low) or (high is not None and value > high):
        raise BadQuestion(mark("The value lies outside of what {key} can reach."), key=indicator.key)


def _refuse_wrong_drivers(indicator: Indicator, drivers: Sequence[str]) -> None:
    for key in drivers:
        if key not in INDICATORS or INDICATORS[key].nature != "leading" or key == indicator.key:
            raise BadQuestion(mark("{key} is no leading indicator that could move this one."), key=key)
    if indicator.nature == "lagging" and not drivers:
        raise BadQuestion(
            mark(
                "This indicator only tells the result afterwards. Name at least one leading indicator that moves it: that is what the team works on."
            )
        )


@transaction.atomic
def make_goal(workspace: Workspace, *, by: Person | str, **given: Any) -> Goal:
    """Set a goal; without a baseline it is the figure of the 30 days before the goal starts, where there is one.

    Parameters
    ----------
    given : indicator, target, starts, due; optional options, segment, baseline, owner, drivers, note. Values in the
        indicator's unit.

    Raises
    ------
    BadQuestion : see `refuse_wrong_goal`.
    """
    wanted = {"options": {}, "segment": None, "owner": None, "drivers": [], "note": "", "baseline": None} | given
    refuse_wrong_goal(workspace, **wanted)
    if wanted["baseline"] is None and not wanted["options"]:
        wanted["baseline"] = figure_now(workspace, wanted["indicator"], wanted["segment"], wanted["starts"]).value
    person = by if isinstance(by, Person) else None
    goal = Goal.objects.create(workspace=workspace, by=person, **wanted)
    audit.record("goal_made", workspace, by=by, target=str(goal), id=goal.pk)
    return goal


@transaction.atomic
def change_goal(goal: Goal, *, by: Person | str, **given: Any) -> Goal:
    """Change a goal; the log keeps what it said before.

    Raises
    ------
    BadQuestion : see `refuse_wrong_goal`.
    """
    wanted = {name: getattr(goal, name) for name in CHANGED} | given
    refuse_wrong_goal(goal.workspace, indicator=goal.indicator, **wanted)
    before = str(goal)
    for name, value in wanted.items():
        setattr(goal, name, value)
    goal.save(update_fields=list(CHANGED))
    audit.record("goal_changed", goal.workspace, by=by, target=str(goal), before=before, id=goal.pk)
    return goal


@transaction.atomic
def remove_goal(goal: Goal, *, by: Person | str) -> None:
    """Take a goal away; the log keeps what it said."""
    audit.record("goal_removed", goal.workspace, by=by, target=str(goal), id=goal.pk)
    goal.delete()


@transaction.atomic
def make_benchmark(workspace: Workspace, *, indicator: str, by: Person | str, **given: Any) -> Benchmark:
    """Write down what others reach. `given`: name, value (in the indicator's unit), source, link, day, currency of money.

    Raises
    ------
    BadQuestion : no such indicator, a value out of its range, money without a currency, or a currency of no money.
    """
    _refuse_wrong_benchmark(indicator, given["value"], given.get("currency", ""))
    person = by if isinstance(by, Person) else None
    made = Benchmark.objects.create(workspace=workspace, indicator=indicator, by=person, **given)
    audit.record("benchmark_made", workspace, by=by, target=str(made), value=made.value)
    return made


@transaction.atomic
def change_benchmark(benchmark: Benchmark, *, by: Person, **given: Any) -> None:
    """Change a benchmark.

    Raises
    ------
    BadQuestion : see `make_benchmark`.
    """
    _refuse_wrong_benchmark(benchmark.indicator, given["value"], given.get("currency", benchmark.currency))
    before = str(benchmark)
    for name, value in given.items():
        setattr(benchmark, name, value)
    benchmark.save(update_fields=list(given))
    audit.record("benchmark_changed", benchmark.workspace, by=by, target=str(benchmark), before=before)


@transaction.atomic
def remove_benchmark(benchmark: Benchmark, *, by: Person | str) -> None:
    """Take a benchmark away."""
    audit.record("benchmark_removed", benchmark.workspace, by=by, target=str(benchmark))
    benchmark.delete()


def _refuse_wrong_benchmark(indicator: str, value: float, currency: str) -> None:
    if indicator not in INDICATORS:
        raise BadQuestion(mark("There is no indicator {key}."), key=indicator)
    money = INDICATORS[indicator].unit == "money"
    if money and not CURRENCY.fullmatch(currency):
        raise BadQuestion(mark("Say in which currency the amount is, by its three letters, such as EUR."))
    if currency and not money:
        raise BadQuestion(mark("{key} is no amount of money, so that it has no currency."), key=indicator)
    refuse_outside(INDICATORS[indicator], value)
