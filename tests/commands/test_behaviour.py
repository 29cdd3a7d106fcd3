"""Any file of events becomes funnels, retention and flows on the terminal."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.commands.conftest import Run

NAMES = ("search", "product", "checkout", "purchase")


@pytest.fixture
def shop(tmp_path: Path, run: Run) -> Run:
    """Forty customers search in May; 30 look at a product, 20 go to the checkout, 10 buy, and come back a week later."""
    lines = ["user_id,event,ts"]
    for i in range(40):
        for k, name in enumerate(NAMES[: 4 - i % 4]):
            lines.append(f"u{i},{name},2026-05-04T10:0{k}:00Z")
        if i % 4 == 0:
            lines.append(f"u{i},search,2026-05-11T10:00:00Z")
    file = tmp_path / "events.csv"
    file.write_text("\n".join(lines) + "\n")
    columns = ("customer=user_id", "name=event", "at=ts")
    done = run("import", "events", str(file), *(word for column in columns for word in ("--column", column)))
    assert done.returncode == 0, done.stdout + done.stderr
    return run


def test_a_funnel(shop: Run) -> None:
    asked = shop("funnel", *NAMES, "--window", "7d", "--format", "json")
    rows = json.loads(asked.stdout)
    assert [(row["step"], row["event"], row["customers"]) for row in rows] == [(k, n, 50 - 10 * k) for k, n in enumerate(NAMES, 1)]  # fmt: skip
    share = rows[3]["of_first"]
    assert (share["count"], share["n"], share["value"]) == (10, 40, 0.25)
    # Wilson's interval of 10 of 40, as statistics packages give it.
    assert (share["low"], share["high"]) == (pytest.approx(0.141872, abs=1e-6), pytest.approx(0.401939, abs=1e-6))
    assert rows[3]["median_seconds"] == 180
    assert "25.0% (14.2–40.2%)" in shop("funnel", *NAMES).stdout
    table = list(csv.DictReader(io.StringIO(shop("funnel", *NAMES, "--format", "csv").stdout)))
    assert [row["of_step_before"] for row in table] == ["", "0.75", str(20 / 30), "0.5"]


def test_retention(shop: Run) -> None:
    rows = json.loads(shop("retention", "search", "--offsets", "2", "--format", "json").stdout)
    assert [(row["cohort"], row["customers"], row["1"]["count"]) for row in rows] == [
        ("2026-05-04", 40, 10),
        ("all", 40, 10),
    ]
    told = shop("retention", "search", "--kind", "bracket", "--brackets", "0, 1-2", "--format", "json").stdout
    assert [json.loads(told)[0][name]["count"] for name in ("0", "1-2")] == [40, 10]


def test_flows(shop: Run) -> None:
    rows = json.loads(shop("flows", "--steps", "2", "--format", "json").stdout)
    first = {row["to"]: row["ways"] for row in rows if (row["step"], row["from"]) == (1, "search")}
    assert first == {"product": 30, "(exit)": 20}


def test_what_follows_what_and_the_most_frequent_ways(shop: Run) -> None:
    rows = json.loads(shop("flows", "--show", "transitions", "--format", "json").stdout)
    moved = {(row["from"], row["to"]): (row["ways"], row["median_seconds"]) for row in rows}
    assert moved["search", "product"] == (30, 60.0)
    assert moved["purchase", "(exit)"] == (10, None)
    stops = {
        row["touchpoint"]: row for row in json.loads(shop("flows", "--show", "touchpoints", "--format", "json").stdout)
    }
    assert (stops["search"]["begins"], stops["search"]["ends"]["count"], stops["purchase"]["dead_end"]) == (
        50,
        20,
        True,
    )
    ways = json.loads(shop("flows", "--show", "ways", "--without", "product", "--format", "json").stdout)
    assert {row["way"]: row["ways"] for row in ways}["search → checkout → purchase"] == 10
    assert "search → product" in shop("flows", "--show", "ways").stdout


@pytest.mark.parametrize(("words", "told"), [
    (("funnel", "a", "--window", "soon"), "Write a length of time as"),
    (("flows", "--node", "mood"), "There is no column mood"),
    (("flows", "--steps", "99"), "1 to 50 steps"),
    (("retention", "search", "--to", "2026-05-01"), "Give the first day too"),
])  # fmt: skip
def test_what_cannot_be_asked_is_told(shop: Run, words: tuple[str, ...], told: str) -> None:
    asked = shop(*words)
    assert asked.returncode == 1
    assert told in " ".join((asked.stdout + asked.stderr).split())
