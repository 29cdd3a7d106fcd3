"""Findings that were kept before goals had findings of their own stay, and know their goal where that is clear."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

Models = Callable[[str, str], Any]
BEFORE, AFTER = [("insights", "0002_programme")], [("insights", "0003_findings_of_goals")]
DUE = date(2026, 12, 31)


def migrate(to: list[tuple[str, str]]) -> Models:
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps.get_model


@pytest.fixture
def before(transactional_db: None) -> Iterator[Models]:
    newest = [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] == "insights"]
    yield migrate(BEFORE)
    migrate(newest)


def test_findings_of_goals_stay_and_know_their_goal(before: Models) -> None:
    workspace = before("accounts", "Workspace").objects.create(slug="old", name="Old")
    goals = before("insights", "Goal").objects
    clear = goals.create(workspace=workspace, indicator="csat", target=0.9, starts=date(2026, 1, 1), due=DUE)
    for _ in range(2):
        goals.create(workspace=workspace, indicator="nps", target=40.0, starts=date(2026, 1, 1), due=DUE)
    watches = before("insights", "Watch").objects
    goal, change = (watches.create(workspace=workspace, name=alert, alert=alert) for alert in ("goal", "change"))
    alarm = before("insights", "Alarm").objects.create(workspace=workspace, day=date(2026, 6, 1))
    told: dict[str, dict[str, Any]] = {"csat": {"target": 0.9, "by": "2026-12-31"}, "nps": {"target": 40.0, "by": "2026-12-31"}, "ces": {}}  # fmt: skip
    for indicator, params in told.items():
        for watch in (goal, change):
            alarm.findings.create(
                watch=watch, indicator=indicator, day=alarm.day, direction="down", template="", params=params
            )

    findings = migrate(AFTER)("insights", "Finding").objects
    assert sorted(findings.values_list("watch__alert", "indicator", "subject")) == [
        ("change", "ces", ""), ("change", "csat", ""), ("change", "nps", ""),
        ("goal", "ces", ""), ("goal", "csat", str(clear.pk)), ("goal", "nps", ""),
    ]  # fmt: skip
    again = findings.get(watch__alert="goal", indicator="csat")
    again.pk, again.subject = None, "another goal"
    again.save()
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)
