"""Employees and partners: their surveys belong to the company as a whole, not to a block of customers."""

import numpy as np
import pyarrow as pa

from percorso.demo import company
from percorso.demo.arrays import DAY, HOUR, Floats, Ints, choose, constant, instants, micros
from percorso.demo.world import World

EMPLOYEE_WAVES = (690, 505, 325, 140)  # days before the end
SMALL_TEAM_WAVES = (140,)
PARTNER_WAVES = (700, 610, 520, 430, 340, 250, 160, 70)
EMPLOYEE_ANSWERS, PARTNER_ANSWERS = 0.82, 0.7
PROMOTER, PASSIVE, DETRACTOR = (9, 10), (7, 8), (2, 3, 4, 5, 6)
ENPS_QUESTION, SPS_QUESTION = "enps", "sps"


def people_answers(world: World) -> pa.Table:
    """Rows of `answers` by employees and partners; who they are is a number, as in an honest employee survey."""
    return pa.concat_tables([_employees(world), _partners(world)])


def _rng(world: World, stage: int) -> np.random.Generator:
    return np.random.default_rng([world.truth.seed, 1_000_000, stage])


def _employees(world: World) -> pa.Table:
    rng, truth = _rng(world, 3), world.truth
    people, team, wave, sure = [], [], [], []
    offset = 0
    for place, name in enumerate(truth.enps):
        small = name == truth.small_team
        size = truth.small_team_people if small else company.PEOPLE[name]
        waves = SMALL_TEAM_WAVES if small else EMPLOYEE_WAVES
        for days in waves:
            people.append(np.arange(size) + offset)
            team.append(np.full(size, place))
            wave.append(np.full(size, days))
            sure.append(np.full(size, small))
        offset += size
    who, group, days_before = np.concatenate(people), np.concatenate(team), np.concatenate(wave)
    answers = np.concatenate(sure) | (rng.random(len(who)) < EMPLOYEE_ANSWERS)
    who, group, days_before = who[answers], group[answers], days_before[answers]
    chances = np.array(list(truth.enps.values()))[group]
    luck = rng.random(len(who))
    pools = (PROMOTER, DETRACTOR, PASSIVE)
    drawn = np.stack([np.array(pool)[choose(rng, [1.0] * len(pool), len(who))] for pool in pools])
    kind = np.where(luck < chances[:, 0], 0, np.where(luck < chances.sum(axis=1), 1, 2))
    score = drawn[kind, np.arange(len(who))]
    names = pa.array(list(truth.enps)).take(pa.array(group))
    at = _during(rng, world, days_before, 10)
    return _table(
        world,
        "E",
        who,
        days_before,
        at,
        score.astype(float),
        metric="nps",
        question=ENPS_QUESTION,
        population="employee",
        scale=(0, 10),
        team=names,
        touchpoint="workplace",
    )


def _partners(world: World) -> pa.Table:
    rng, truth = _rng(world, 2), world.truth
    kinds = list(truth.sps)
    kind = np.repeat(np.arange(len(kinds)), [company.PARTNERS[k] for k in kinds])
    who = np.tile(np.arange(len(kind)), len(PARTNER_WAVES))
    days_before = np.repeat(PARTNER_WAVES, len(kind))
    kind = np.tile(kind, len(PARTNER_WAVES))
    answers = rng.random(len(who)) < PARTNER_ANSWERS
    who, days_before, kind = who[answers], days_before[answers], kind[answers]
    happy = rng.random(len(who)) < np.array(list(truth.sps.values()))[kind]
    score = np.where(happy, 4 + (rng.random(len(who)) < 0.45), 1 + choose(rng, (12, 26, 62), len(who)))
    names = pa.array(kinds).take(pa.array(kind))
    at = _during(rng, world, days_before, 14)
    return _table(
        world,
        "P",
        who,
        days_before,
        at,
        score.astype(float),
        metric="csat",
        question=SPS_QUESTION,
        population="partner",
        scale=(1, 5),
        team=names,
        touchpoint="partnership",
    )


def _during(rng: np.random.Generator, world: World, days_before: Ints, days: int) -> Ints:
    begin = world.end - days_before * DAY
    return begin + micros(rng.integers(0, days, len(begin)) * 86_400.0 + rng.random(len(begin)) * 8 * 3_600) + 9 * HOUR


def _table(
    world: World,
    letter: str,
    who: Ints,
    wave: Ints,
    at: Ints,
    score: Floats,
    *,
    metric: str,
    question: str,
    population: str,
    scale: tuple[int, int],
    team: pa.Array,
    touchpoint: str,
) -> pa.Table:
    n = len(who)
    person = [f"{population}-{w + 1:03d}" for w in who]
    return pa.table(
        {
            "id": [f"{letter}-{d}-{w + 1:03d}" for d, w in zip(wave.tolist(), who.tolist(), strict=True)],
            "customer": person,
            "at": instants(at, world.end),
            "channel": constant("web", n),
            "touchpoint": constant(touchpoint, n),
            "survey": constant(population, n),
            "question": constant(question, n),
            "metric": constant(metric, n),
            "score": pa.array(score),
            "scale_min": pa.array(np.full(n, float(scale[0]))),
            "scale_max": pa.array(np.full(n, float(scale[1]))),
            "polarity": constant("higher", n),
            "population": constant(population, n),
            "team": team,
        }
    )
