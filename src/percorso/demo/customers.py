"""Who the customers are: country, company, plan, and the disposition that colours all they feel."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from percorso.demo import company, names
from percorso.demo.arrays import DAY, NEVER, Flags, Floats, Ints, choose, ids, instants, micros, pick
from percorso.demo.calendars import SHOP_HOURS
from percorso.demo.world import Block

EXISTING_SHARE = 0.45
BRAZIL_SHARE = 0.62
COMPANY_SHARE = 0.06
SUBSCRIBER_SHARE = 0.48


@dataclass(frozen=True)
class Customers:
    """A block's customers, one element each; codes point into the tuples of `percorso.demo.company`."""

    ids: pa.Array
    country: Ints
    region: Ints
    far: Flags
    language: Ints
    firm: Ints  # number of the company, -1 for a home
    disposition: Floats
    created: Ints
    joined: Ints  # created, or the beginning of the two years
    plan: Ints  # at the start of the subscription, -1 without one
    subscribed: Ints  # NEVER without a plan
    newsletter: Flags
    visits_a_day: Floats
    needs_a_day: Floats
    machine: Ints
    acquisition: Ints
    given: Ints  # first and last name: places in the lists of Brazil and Italy, one after the other
    family: Ints

    def __len__(self) -> int:
        return len(self.country)


def make_customers(block: Block) -> Customers:
    """Draw the customers of a block."""
    rng, n = block.rng("customers"), block.size
    firm, first_of_firm, firm_country = _firms(rng, n)
    country = np.where(firm >= 0, firm_country, (rng.random(n) > BRAZIL_SHARE).astype(np.int64))
    disposition = rng.standard_normal(n)
    created = _created(block, rng, country)
    region, far = _regions(rng, country)
    plan = _plans(rng, firm, first_of_firm)
    delay = micros(rng.exponential(6, n) * 86_400) + DAY // 24
    subscribed = np.where(plan >= 0, created + delay, NEVER)
    office = firm >= 0
    return Customers(
        ids=ids(block.prefix("C"), np.arange(n)),
        country=country,
        region=region,
        far=far,
        language=np.where(rng.random(n) < np.where(country == 0, 0.03, 0.07), 2, country),
        firm=firm,
        disposition=disposition,
        created=created,
        joined=np.maximum(created, block.world.start),
        plan=np.where(subscribed < block.world.end, plan, -1),
        subscribed=np.where(subscribed < block.world.end, subscribed, NEVER),
        newsletter=rng.random(n) < 0.68,
        visits_a_day=rng.gamma(1.3, 0.85 / 1.3, n) * np.where(office, 0.8, 1.0) / 30.4,
        needs_a_day=0.042 * np.exp(-0.3 * disposition) * np.where(office, 1.8, 1.0) / 30.4,
        machine=choose(rng, (24, 18, 25, 25, 8), n),
        acquisition=choose(rng, (30, 24, 16, 12, 6, 12), n),
        given=_names(rng, country, names.FIRST),
        family=_names(rng, country, names.LAST),
    )


def _firms(rng: np.random.Generator, n: int) -> tuple[Ints, Flags, Ints]:
    people = round(n * COMPANY_SHARE)
    sizes = np.minimum(rng.geometric(0.22, people + 1), 25)
    number = np.repeat(np.arange(people + 1), sizes)[:people]
    firm = np.full(n, -1)
    firm[:people] = number
    first = np.zeros(n, dtype=bool)
    first[:people] = np.diff(number, prepend=-1) > 0
    country = np.zeros(n, dtype=np.int64)
    country[:people] = (rng.random(people + 1) > BRAZIL_SHARE).astype(np.int64)[number]
    return firm, first, country


def _created(block: Block, rng: np.random.Generator, country: Ints) -> Ints:
    world, n = block.world, block.size
    # Exponential ages up to three years: most came lately.
    age = -380 * np.log(1 - rng.random(n) * (1 - np.exp(-1_090 / 380)))
    before = world.start - micros((1 + age) * 86_400)
    new = np.empty(n, dtype=np.int64)
    for code, calendar in enumerate(world.calendars):
        mine = country == code
        bounds = calendar.demand_at(np.array([world.start, world.end]))
        level = bounds[0] + rng.random(mine.sum()) * (bounds[1] - bounds[0])
        day = np.interp(
            level,
            calendar.demand_at(calendar.to_utc(calendar.origin + np.arange(world.days + 1) * DAY)),
            np.arange(world.days + 1),
        )
        at = calendar.at_hours(rng, np.clip(day.astype(np.int64), 0, world.days - 1), SHOP_HOURS)
        new[mine] = np.clip(at, world.start, world.end - 6 * DAY // 24)
    return np.where(rng.random(n) < EXISTING_SHARE, before, new)


def _regions(rng: np.random.Generator, country: Ints) -> tuple[Ints, Flags]:
    region = np.empty(len(country), dtype=np.int64)
    far = np.empty(len(country), dtype=bool)
    for code, regions in enumerate(company.REGIONS):
        mine = country == code
        region[mine] = choose(rng, [r[1] for r in regions], int(mine.sum()))
        far[mine] = np.array([bool(r[2]) for r in regions])[region[mine]]
    return region, far


def _plans(rng: np.random.Generator, firm: Ints, first_of_firm: Flags) -> Ints:
    n = len(firm)
    home = np.where(rng.random(n) < SUBSCRIBER_SHARE, choose(rng, [p.share for p in company.PLANS], n), -1)
    return np.where(firm < 0, home, np.where(first_of_firm & (rng.random(n) < 0.85), company.OFFICE, -1))


def customers_table(block: Block, customers: Customers, plan_now: Ints, active_now: Flags) -> pa.Table:
    """The table `customers` as of now."""
    rng, n = block.rng("names"), len(customers)
    region = np.where(customers.country == 0, customers.region, customers.region + len(company.REGIONS[0]))
    segment = np.where(
        customers.firm >= 0,
        np.where(customers.firm % 3 == 0, 3, 2),
        (customers.visits_a_day * 30.4 > 1.4).astype(np.int64),
    )
    traits, codes = _traits(customers, active_now)
    return pa.table(
        {
            "id": customers.ids,
            "customer": customers.ids,
            "at": instants(customers.created, NEVER),
            "created_at": instants(customers.created, NEVER),
            "channel": pick(("web", "app", "partner"), choose(rng, (60, 30, 10), n)),
            "touchpoint": pick(("sign-up",), np.zeros(n, dtype=np.int64)),
            "name": pc.binary_join_element_wise(
                pick([*names.FIRST[0], *names.FIRST[1]], customers.given),
                pick([*names.LAST[0], *names.LAST[1]], customers.family),
                " ",
            ),
            "company": _firm_names(block, customers),
            "country": pick(company.COUNTRIES, customers.country),
            "region": pick([r[0] for country in company.REGIONS for r in country], region),
            "language": pick(company.LANGUAGES, customers.language),
            "plan": pick([p.name for p in company.PLANS], plan_now),
            "segment": pick(("home", "enthusiast", "office", "hospitality"), segment),
            "traits": pick(traits, codes),
        }
    )


def _traits(customers: Customers, active: Flags) -> tuple[list[str], Ints]:
    pool = [
        f'{{"acquisition": "{a}", "machine": "{m}", "newsletter": {letter}, "status": "{status}"}}'
        for a in company.ACQUISITION
        for m in company.MACHINES
        for letter in ("false", "true")
        for status in ("left", "active")
    ]
    codes = customers.acquisition * len(company.MACHINES) + customers.machine
    return pool, (codes * 2 + customers.newsletter) * 2 + active


def _names(rng: np.random.Generator, country: Ints, lists: tuple[tuple[str, ...], ...]) -> Ints:
    sizes = np.array([len(names) for names in lists])[country]
    place: Ints = (rng.random(len(country)) * sizes).astype(np.int64) + country * len(lists[0])
    return place


def given_names(customers: Customers) -> list[str]:
    """First names, as customers sign their letters."""
    pool = [*names.FIRST[0], *names.FIRST[1]]
    return [pool[place] for place in customers.given.tolist()]


def _firm_names(block: Block, customers: Customers) -> pa.Array:
    pool: list[str] = []
    codes: dict[int, int] = {}
    for firm, country in sorted(set(zip(customers.firm.tolist(), customers.country.tolist(), strict=True))):
        if firm >= 0:
            kinds, called = names.COMPANY_KIND[country], names.COMPANY_NAME[country]
            codes[firm] = len(pool)
            number = firm + block.number * 1_000
            pool.append(f"{kinds[number % len(kinds)]} {called[number // len(kinds) % len(called)]} {number + 1}")
    lookup = np.array([codes[f] for f in range(len(codes))] + [-1])
    return pick(pool, lookup[customers.firm])
