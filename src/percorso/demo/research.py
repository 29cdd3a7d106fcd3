"""What the company finds out by looking: usability studies, mystery visits, audits, and what its own people believe.
It belongs to the company as a whole, not to a block of customers."""

from typing import Any

import numpy as np
import pyarrow as pa

from percorso.analytics.tables import ANSWERS
from percorso.demo import company, scores
from percorso.demo.arrays import DAY, HOUR, MINUTE, instants
from percorso.demo.world import World

STUDIES = (190, 20)  # days before the end: before and after the new account
PEOPLE_A_STUDY = 16
TASKS = ("skip a delivery", "change the blend", "find an invoice")
TIME_SIGMA = 0.4
SUS_ITEMS = 10
VISIT_EVERY = 5  # days
VISIT_ITEMS = (("greeting", 1), ("name", 1), ("needs", 2), ("answer", 3), ("deadline", 2), ("follow-up", 1))
CRITICAL = "answer"
APPLIES = 0.92
MOST = 5  # points of an item, and the highest level of an audit
AUDITS = (560, 380, 200, 20)
CRITERIA = ("clear", "fast", "consistent", "accessible", "friendly", "reliable")
WEIGHTS = {"shop": 3.0, "app": 2.0, "support": 3.0, "delivery": 3.0, "account": 1.0}
RATERS, RATERS_AGREE = 2, 0.7
BELIEF_WAVES = (565, 385, 205, 25)
BELIEF_ANSWERS = 0.8

Row = dict[str, Any]
COLUMNS = (
    *(
        "id",
        "customer",
        "at",
        "channel",
        "touchpoint",
        "survey",
        "question",
        "interaction",
        "metric",
        "aspect",
        "score",
    ),
    *("scale_min", "scale_max", "polarity", "option", "population", "team", "weight"),
)
SCHEMA = pa.schema([field for field in ANSWERS.schema if field.name in COLUMNS and field.name != "at"])


def research_answers(world: World) -> pa.Table:
    """Rows of `answers` by testers, mystery shoppers, auditors and employees."""
    rows = [*_usability(world), *_visits(world), *_audits(world), *_beliefs(world)]
    at = np.array([row.pop("at") for row in rows], dtype=np.int64)
    return pa.Table.from_pylist(rows, schema=SCHEMA).append_column("at", instants(at, world.end))


def _rng(world: World, stage: int) -> np.random.Generator:
    return np.random.default_rng([world.truth.seed, 1_000_001, stage])


def _morning(world: World, days_before: int) -> int:
    return world.end - days_before * DAY + 9 * HOUR


def _row(id: str, at: int, metric: str, question: str, score: float, **more: Any) -> Row:
    usual = {"channel": "web", "polarity": "higher", "population": "customer"}
    return usual | {"id": id, "at": at, "metric": metric, "question": question, "score": float(score)} | more


def _usability(world: World) -> list[Row]:
    """Each tester tries all tasks, is timed, and fills in the ten items of the SUS."""
    rng, truth, rows = _rng(world, 1), world.truth, []
    for study, days in enumerate(STUDIES):
        new = days <= truth.account_days_before
        success, seconds = (truth.task_success, truth.task_seconds) if new else (truth.task_success_before, truth.task_seconds_before)  # fmt: skip
        for person in range(PEOPLE_A_STUDY):
            name = f"{study + 1}-{person + 1:02d}"
            at = _morning(world, days - person % 4) + person // 4 * 2 * HOUR
            same = {"customer": f"tester-{name}", "interaction": f"session-{name}", "survey": f"usability {study + 1}"}
            same["touchpoint"] = "account"
            for number, task in enumerate(TASKS):
                done, took = float(rng.random() < success), round(seconds * np.exp(TIME_SIGMA * rng.standard_normal()))
                asked = f"{name}-{number}"
                moment = at + (number + 1) * 6 * MINUTE
                rows.append(
                    _row(f"UT-{asked}", moment, "task_success", task, done, **same, scale_min=0.0, scale_max=1.0)
                )
                rows.append(
                    _row(f"US-{asked}", moment, "task_time", task, max(took, 1), **same | {"polarity": "lower"})
                )
            rows += _sus(rng, truth.sus if new else truth.sus_before, name, at + HOUR, same)
    return rows


def _sus(rng: np.random.Generator, expected: float, name: str, at: int, same: Row) -> list[Row]:
    points = rng.binomial(4, np.clip(expected / 100 + 0.05 * rng.standard_normal(), 0.02, 0.98), SUS_ITEMS)
    given = [1 + p if item % 2 == 0 else 5 - p for item, p in enumerate(points.tolist())]
    return [
        _row(f"UQ-{name}-{k + 1}", at, "sus", f"q{k + 1}", score, **same, scale_min=1.0, scale_max=5.0)
        for k, score in enumerate(given)
    ]


def _visits(world: World) -> list[Row]:
    """A mystery shopper calls or writes every few days; each standard is kept or not, by the team's own habit."""
    rng, truth, rows = _rng(world, 2), world.truth, []
    teams = list(truth.mystery_kept)
    for number, days in enumerate(range(world.days - 6, 0, -VISIT_EVERY)):
        team, visit = teams[number % len(teams)], f"visit-{number + 1:03d}"
        at = _morning(world, days) + int(rng.integers(0, 8)) * HOUR
        same = {
            "customer": f"shopper-{number % 12 + 1:02d}", "interaction": visit, "survey": "mystery", "team": team,
            "touchpoint": "support", "channel": ("phone", "chat")[number // len(teams) % 2], "population": "partner",
            "scale_min": 0.0, "scale_max": float(MOST),
        }  # fmt: skip
        for item, weight in VISIT_ITEMS:
            applies, kept = rng.random() < APPLIES or item == CRITICAL, rng.random() < truth.mystery_kept[team]
            if applies:
                points, option = (MOST if kept else 2), "critical" if item == CRITICAL else None
                rows.append(_row(f"UM-{visit}-{item}", at, "mystery", item, points, **same, weight=float(weight), option=option))  # fmt: skip
    return rows


def _audits(world: World) -> list[Row]:
    """Two people rate every criterion of every touchpoint; they often agree."""
    rng, truth, rows = _rng(world, 3), world.truth, []
    for number, days in enumerate(AUDITS):
        for place, level in truth.audit_level.items():
            old = place == "account" and days > truth.account_days_before
            for criterion in CRITERIA:
                first = int(rng.binomial(MOST, truth.audit_account_before if old else level))
                other = int(rng.binomial(MOST, truth.audit_account_before if old else level))
                ratings = (first, first if rng.random() < RATERS_AGREE else other)
                rows += [
                    _row(
                        f"UA-{number}-{place}-{criterion}-{rater}", _morning(world, days), "audit", criterion, rating,
                        customer=f"auditor-{rater + 1}", interaction=f"audit-{number + 1}", survey="audit",
                        touchpoint=place, population="employee", scale_min=0.0, scale_max=float(MOST), weight=WEIGHTS[place],
                    )
                    for rater, rating in zip(range(RATERS), ratings, strict=True)
                ]  # fmt: skip
    return rows


def _beliefs(world: World) -> list[Row]:
    """Employees say what they think customers experience: the same words, the same scale."""
    rng, truth, rows = _rng(world, 4), world.truth, []
    people = [team for team, size in company.PEOPLE.items() for _ in range(size)]
    for days in BELIEF_WAVES:
        for number, team in enumerate(people):
            if rng.random() >= BELIEF_ANSWERS:
                continue
            at = _morning(world, days - number % 5) + number * 7 * MINUTE % (8 * HOUR)
            for aspect, shift in truth.believed_shifts.items():
                score = scores.score(np.array([shift + rng.standard_normal()]), scores.FIVE_SHARES, 1)[0]
                rows.append(
                    _row(
                        f"UB-{days}-{number + 1:03d}-{aspect}", at, "experience", f"experience_{aspect}", score,
                        customer=f"employee-{number + 1:03d}", survey="beliefs", aspect=aspect, population="employee",
                        team=team, touchpoint="workplace", scale_min=1.0, scale_max=5.0,
                    )
                )  # fmt: skip
    return rows
