"""Every indicator gives the same on DuckDB and on ClickHouse's engine, whatever is asked."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from percorso.analytics.calendar import Schedule
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from tests.analytics.sample import facts

AS_OF = datetime(2026, 1, 20, 12, tzinfo=UTC)
YEAR = Period(date(2025, 3, 1), date(2025, 12, 1), "Europe/Rome")
OFFICE = Schedule("America/Sao_Paulo", {d: [("09:00", "18:00")] for d in ("mon", "tue", "wed", "thu", "fri")})
SHAPES: dict[str, dict[str, Any]] = {
    "all time": {},
    "period": {"period": YEAR},
    "compared": {"period": YEAR, "compare": "previous"},
    "compared with last year": {"period": YEAR, "compare": "year", "by": ("channel",)},
    "hour": {"period": Period(date(2025, 10, 26), date(2025, 10, 27), "Europe/Rome"), "grain": "hour"},
    "day": {"period": Period(date(2025, 3, 20), date(2025, 4, 10), "Europe/Rome"), "grain": "day"},
    "week": {"period": YEAR, "grain": "week", "compare": "year"},
    "month": {"period": YEAR, "grain": "month", "compare": "previous", "by": ("channel",)},
    "quarter": {"period": YEAR, "grain": "quarter"},
    "year over all time": {"grain": "year", "tz": "America/Sao_Paulo"},
    "traits": {"by": ("customer.country", "customer.tier")},
    "trait that is a number": {"by": ("customer.seats",)},
    "segment": {"segment": {"channel": ("email", None)}, "compare": "rest"},
    "two segments": {"segment": {"channel": ("email",)}, "compare": {"channel": ("phone",)}},
}  # fmt: skip

# Asked of every indicator; of the others each is asked two, in turn, unless PERCORSO_EVERY_SHAPE is set.
ALWAYS = ("all time", "compared", "week", "month", "traits", "segment")
IN_TURN = [name for name in SHAPES if name not in ALWAYS]


def shapes_of(key: str) -> list[str]:
    """Return the names of the shapes that an indicator is asked in."""
    if os.environ.get("PERCORSO_EVERY_SHAPE"):
        return list(SHAPES)
    first = 2 * list(INDICATORS).index(key)
    return [*ALWAYS, *(IN_TURN[(first + i) % len(IN_TURN)] for i in range(2))]


@pytest.fixture(scope="module")
def stores() -> Iterator[list[Store]]:
    opened = [Store.open(":memory:"), Store.open("chdb://memory/default")]
    for store in opened:
        for table, rows in facts().items():
            store.append(table, rows, workspace="sample")
            store.append(table, rows[: len(rows) // 7], workspace="other")
    yield opened
    for store in opened:
        store.close()


def variants(key: str) -> Iterator[dict[str, Any]]:
    """Yield the default and each other choice of each option."""
    yield {}
    for name, option in INDICATORS[key].options.items():
        for choice in option.choices or ():
            if choice != option.default:
                yield {name: choice}
    if key == "sla_compliance":
        for target in ("resolution", "first_reply"):
            yield {"target_seconds": 6 * 3600, "target": target, "hours": "business"}


@pytest.mark.parametrize("key", list(INDICATORS))
def test_engines_agree_on_every_shape(stores: list[Store], key: str) -> None:
    for name in shapes_of(key):
        shape = SHAPES[name]
        duck, click = (_cells(store, key, shape, {}) for store in stores)
        assert duck == _approx(click), name
        assert duck or INDICATORS[key].always_by or shape.get("by"), name


@pytest.mark.parametrize("key", [key for key in INDICATORS if INDICATORS[key].options])
def test_engines_agree_on_every_variant(stores: list[Store], key: str) -> None:
    for options in variants(key):
        duck, click = (_cells(store, key, {"period": YEAR, "grain": "month"}, options) for store in stores)
        assert duck == _approx(click), options


@pytest.mark.parametrize("key", [key for key in INDICATORS if "currency" in INDICATORS[key].segments])
def test_amounts_by_currency_are_those_of_each_currency(stores: list[Store], key: str) -> None:
    shape = {"period": YEAR, "compare": "previous"}
    duck, click = (_cells(store, key, {**shape, "by": ("currency",)}, {}) for store in stores)
    assert duck == _approx(click)
    for cell in duck:
        alone = _cells(stores[0], key, {**shape, "segment": {"currency": (cell["currency"],)}}, {})
        assert [one["value"] for one in alone] == _approx([cell["value"]])
        assert cell["status"] != "mixed_currencies"


@pytest.mark.parametrize("key", list(INDICATORS))
def test_the_sample_says_something_about_every_indicator(stores: list[Store], key: str) -> None:
    cells = _cells(stores[0], key, {"period": YEAR}, {})
    assert any(cell["value"] is not None for cell in cells)


def _cells(store: Store, key: str, shape: dict[str, Any], options: dict[str, Any]) -> list[dict[str, Any]]:
    query = Query((key,), "sample", as_of=AS_OF, schedule=OFFICE, options=options, **shape)
    return measure(store, query).to_dicts()


def _approx(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _approx(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_approx(v) for v in value]
    # Sums of floats depend on their order; nothing else may differ.
    return pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
