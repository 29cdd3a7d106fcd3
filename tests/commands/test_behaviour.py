"""Any file of events becomes funnels, retention and flows on the terminal."""

import csv
import io
import json
from pathlib import Path
from typing import Any

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
    told = shop("funnel", *NAMES).stdout
    assert "25.0%" in told
    assert "(14.2–40.2%)" in told, "numbers are not broken"
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


DAYS = ("--from", "2026-05-01", "--to", "2026-05-31", "--zone", "UTC", "--as-of", "2026-06-01T00:00:00+00:00")


def test_how_often_customers_come(shop: Run) -> None:
    def asked(*words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(shop("frequency", *DAYS, "--format", "json", *words).stdout)
        return found

    weeks = {row["start"]: row for row in asked()}
    first, second, third = (weeks[day] for day in ("2026-05-04", "2026-05-11", "2026-05-18"))
    assert (first["active"], first["new"], first["dormant"]) == (40, 40, 0)
    assert (second["active"], second["returning_customers"], second["dormant"]) == (10, 10, 30)
    assert (second["kept"]["count"], second["kept"]["n"]) == (10, 40)
    assert (third["active"], third["dormant"]) == (0, 10)
    days = {row["day"]: row for row in asked("--show", "active")}
    assert [days["2026-05-11"][name] for name in ("daily", "weekly", "monthly")] == [10, 10, 40]
    assert days["2026-05-11"]["stickiness"]["value"] == 0.25
    assert [(row["active_days"], row["customers"]) for row in asked("--show", "days")] == [(1, 30), (2, 10)]
    only = asked("--event", "purchase")
    assert sum(row["new"] for row in only) == 10
    assert "25.0%" in shop("frequency", *DAYS).stdout
    assert "FROM" in shop("frequency", *DAYS, "--sql").stdout.upper()


def test_what_is_used_and_what_by_nobody(shop: Run) -> None:
    words = ("features", *DAYS, "--event", "", "--column", "name", "--core", "gift")
    rows = {row["feature"]: row for row in json.loads(shop(*words, "--format", "json").stdout)}
    assert {name: rows[name]["customers"] for name in NAMES} == dict(zip(NAMES, (40, 30, 20, 10), strict=True))
    assert (rows["checkout"]["adoption"]["value"], rows["checkout"]["uses"]) == (0.5, 20)
    assert (rows["gift"]["customers"], rows["gift"]["last_at"]) == (0, None)
    table = shop(*words).stdout
    assert "75.0% (59.8–85.8%)" in table
    assert "last_at" in shop(*words, "--format", "csv").stdout.splitlines()[0]


def test_what_slow_and_broken_pages_go_with(tmp_path: Path, run: Run) -> None:
    """Forty customers saw a fast page and are promoters, forty a slow one and are detractors; ten of these met an error."""
    events, answers = ["who,event,ts,properties,page"], ["id,who,score,ts"]
    for i in range(80):
        slow = i >= 40
        told = json.dumps({"metric": "LCP", "value": 4200 if slow else 900}).replace('"', '""')
        events.append(f'u{i},Web Vital Measured,2026-05-04T10:00:00Z,"{told}",/buy')
        if i >= 70:
            events.append(f'u{i},Error Occurred,2026-05-04T10:01:00Z,"{{""message"": ""boom""}}",/buy')
        answers.append(f"a{i},u{i},{2 if slow else 10},2026-05-05T10:00:00Z")
    for name, lines in (("events", events), ("answers", answers)):
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    columns = ("customer=who", "name=event", "at=ts", "properties=properties", "page=page")
    done = run("import", "events", str(tmp_path / "events.csv"), *(w for c in columns for w in ("--column", c)))
    assert done.returncode == 0, done.stdout + done.stderr
    columns = ("customer=who", "id=id", "at=ts", "score=score")
    words = ("--metric", "nps", *(w for c in columns for w in ("--column", c)))
    done = run("import", "answers", str(tmp_path / "answers.csv"), *words)
    assert done.returncode == 0, done.stdout + done.stderr

    [row] = json.loads(run("speed", *DAYS, "--trouble", "LCP", "--format", "json").stdout)
    assert (row["without"], row["with"], row["unmeasured"]) == (40, 40, 0)
    assert (row["score_without"]["value"], row["score_with"]["value"], row["difference"]["value"]) == (100, -100, -200)
    assert row["differs"]
    [error] = json.loads(run("speed", *DAYS, "--show", "errors", "--format", "json").stdout)
    assert (error["error"], error["errors"], error["of_active"]["count"], error["of_active"]["n"]) == (
        "boom",
        10,
        10,
        80,
    )
    [place] = json.loads(run("speed", *DAYS, "--show", "errors", "--by", "page", "--format", "json").stdout)
    assert place["error"] == "/buy"
    wrong = run("speed", *DAYS, "--show", "errors", "--by", "moment")
    assert wrong.returncode != 0
    assert "There is no column moment" in " ".join((wrong.stdout + wrong.stderr).split())
