"""How often customers come and what they use: on pages, as files, for programs."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from openpyxl import load_workbook

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.models import Segment
from percorso.engagement.models import FeatureList
from tests.app import visited
from tests.app.api_client import Program
from tests.today import today
from tests.web.test_pages import text

USAGE = "/w/acme/usage/"
FEATURES = f"{USAGE}features/"
CHOOSE = f"{FEATURES}choose/"
# All at once: a page whose answer is still counted stands without it first.
DAYS = "period=last_30_days&part=all"


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    """A site whose facts reach until today."""
    end = today()
    with Store.open(":memory:") as store:
        for table, rows in visited.busy(end).items():
            store.append(table, rows, workspace="acme", batch="test")
        yield store


@pytest.fixture
def site(members: Workspace, filled: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace of the site."""
    monkeypatch.setattr(owner, "_store", filled)
    return members


@pytest.fixture
def nothing(members: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A workspace without a single fact."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield store


def shown(client: Client, path: str, language: str = "en") -> str:
    path += "" if "part=all" in path else "&part=all" if "?" in path else "?part=all"
    response = client.get(path, headers={"Accept-Language": language}, follow=True)
    assert response.status_code == 200, response.content
    return text(response.content.decode())


def test_without_events_both_pages_teach_the_next_step(nothing: Store, alice: Client, bob: Client) -> None:
    for path in (USAGE, FEATURES):
        assert "No events yet" in shown(alice, path)
        assert "No events yet" in shown(bob, path)


def test_active_customers_are_told_of_a_day_a_week_and_a_month(site: Workspace, bob: Client) -> None:
    page = shown(bob, f"{USAGE}?{DAYS}")
    assert re.search(r"DAU \d+(?:\.\d)? a day, on average over the period", page)
    # Everybody comes at least every ninth day: of a month nobody is missing.
    assert re.search(r"MAU 80 in the 28 days until", page)
    wau = int(re.search(r"WAU (\d+) in the 7 days until", page)[1])  # type: ignore[index]
    assert 60 < wau < 80
    assert re.search(r"Stickiness \(DAU/MAU\) \d+\.\d%", page)
    assert "from 80 customers" in page
    # The figure is the same whatever is drawn, and the chart follows what "active" means.
    daily = bob.get(f"{USAGE}?{DAYS}&window=daily").content.decode()
    assert '<option value="daily" selected>' in daily


def test_stickiness_is_told_of_a_week_at_least(site: Workspace, bob: Client) -> None:
    page = bob.get(f"{USAGE}?{DAYS}&grain=day").content.decode()
    data = json.loads(re.search(r'id="stickiness-data"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
    # Of one day by itself everybody would have come on all days.
    assert 5 <= len(data["steps"]) <= 6
    assert all(value < 1 for value in data["value"][1:-1])


def test_everybody_is_somewhere_in_the_lifecycle(site: Workspace, bob: Client) -> None:
    page = shown(bob, f"{USAGE}?{DAYS}&grain=week")
    assert "Active = new + returning + resurrected" in page
    rows = re.findall(r"week of (?:\w+ \d+, \d+) (?:not over yet )?(\d+) (\d+) (\d+) (\d+) (\d+|–)", page)
    assert len(rows) >= 5
    for active, new, returning, resurrected, _ in rows:
        assert int(active) == int(new) + int(returning) + int(resurrected)
    assert "–" in {dormant for *_, dormant in rows} or len(rows) == 5


def test_the_days_on_which_they_came_add_up_to_everybody(site: Workspace, as_role: Callable[[str], Client]) -> None:
    page = shown(as_role("viewer"), f"{USAGE}?{DAYS}")
    spans = re.findall(r"(?:\d+ days?|\d+ to \d+ days) (\d+) (\d+\.\d%) (\d+\.\d%) to (\d+\.\d%)", page)
    assert sum(int(customers) for customers, *_ in spans) == 80
    answer = as_role("analyst").get(f"{USAGE}days.csv?{DAYS}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert sum(int(row["customers"]) for row in rows) == 80
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-active-days-')


def test_segment_country_and_channel_are_whom_the_figures_are_of(site: Workspace, alice: Client) -> None:
    Segment.objects.create(workspace=site, slug="brazil", name="Brazil", rule={"trait": "country", "is": ["BR"]})
    assert re.search(r"MAU 40 in the 28 days", shown(alice, f"{USAGE}?{DAYS}&segment=brazil"))
    assert re.search(r"MAU 40 in the 28 days", shown(alice, f"{USAGE}?{DAYS}&customer.country=BR"))
    assert re.search(r"MAU 20 in the 28 days", shown(alice, f"{USAGE}?{DAYS}&channel=app"))
    # What was chosen last stays on the way to the other page.
    assert "Active customers 20" in shown(alice, FEATURES)


def test_features_are_ranked_and_what_nobody_uses_is_told(site: Workspace, bob: Client) -> None:
    page = shown(bob, f"{FEATURES}?{DAYS}")
    assert "Active customers 80" in page
    assert "2 of 3" in page
    ranking = page.split("Most and least used")[1].split("Used by nobody")[0]
    assert ranking.index("=share") > 0
    assert re.search(r"=share 20 25\.0% 16\.\d% to 35\.\d%", ranking)
    assert re.search(r"export 20 25\.0%", ranking)
    assert "No clear change" in ranking
    unused = page.split("Used by nobody")[1].split("Adoption over time")[0]
    assert "fax last used on" in unused
    assert "export" not in unused
    assert "0.0 pp" in ranking
    # Nothing to compare with: no verdict.
    assert (
        "No clear change"
        not in shown(bob, f"{FEATURES}?{DAYS}&compare=none").split("Used by nobody")[0].split("Most")[1]
    )


def test_a_feature_is_looked_at_over_time(site: Workspace, bob: Client) -> None:
    page = bob.get(f"{FEATURES}?{DAYS}&grain=week&feature=export").content.decode()
    data = json.loads(re.search(r'id="adoption-data"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
    assert len(data["steps"]) >= 5
    assert all(low <= v <= high for low, v, high in zip(data["low"], data["value"], data["high"], strict=True))
    assert '<option value="export" selected>' in page


def test_editors_say_which_features_matter(site: Workspace, as_role: Callable[[str], Client], bob: Client) -> None:
    editor = as_role("editor")
    given = {"names": "export\nteleport\n\nexport", "event": "Feature Used", "column": "properties.feature"}
    answer = editor.post(CHOOSE, given, follow=True)
    assert "The list of features is saved." in answer.content.decode()
    assert FeatureList.objects.get().names == ["export", "teleport"]
    assert AuditEntry.objects.get(action="feature_list_changed").target == "export, teleport"
    assert "teleport never used by anybody" in shown(bob, f"{FEATURES}?{DAYS}")
    # Every page is a feature, if the workspace says so.
    editor.post(CHOOSE, {"names": "", "event": "", "column": "page"})
    page = shown(bob, f"{FEATURES}?{DAYS}")
    assert re.search(r"/shop 80 100\.0%", page)
    wrong = editor.post(CHOOSE, {"names": "", "event": "", "column": "customer"})
    assert wrong.status_code == 200
    assert FeatureList.objects.get().column == "page"
    too_many = {"names": "\n".join(map(str, range(201))), "event": "", "column": "page"}
    assert "Name at most 200 features" in editor.post(CHOOSE, too_many).content.decode()
    assert as_role("viewer").get(CHOOSE).status_code == 403
    assert as_role("analyst").post(CHOOSE, given).status_code == 403


def test_tables_are_files_for_who_may_analyse(site: Workspace, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    for path, columns in (
        (f"{USAGE}lifecycle", {"new", "dormant", "quick_ratio"}),
        (f"{USAGE}active", {"dau", "mau_28_days"}),
        (f"{FEATURES}features", {"adoption", "adjusted_p", "last_used"}),
        (f"{FEATURES}adoption", {"feature", "start", "low"}),
    ):
        for form in ("csv", "parquet", "xlsx"):
            answer = analyst.get(f"{path}.{form}?{DAYS}&grain=week")
            assert answer.status_code == 200, path
            if form == "csv":
                assert columns <= set(answer.content.decode().splitlines()[0].split(","))
            elif form == "parquet":
                assert columns <= set(pq.read_table(io.BytesIO(answer.content)).column_names)
            else:
                book = load_workbook(io.BytesIO(answer.content))
                assert book.sheetnames == ["Figures", "What was asked"]
                assert book["Figures"].max_row > 1
    assert AuditEntry.objects.filter(action="downloaded").count() == 12
    # A cell that a spreadsheet would run is defused; forms and tables that do not exist are not found.
    assert "'=share" in analyst.get(f"{FEATURES}features.csv?{DAYS}").content.decode()
    for wrong in (f"{USAGE}lifecycle.png", f"{USAGE}kings.csv", f"{FEATURES}kings.csv"):
        assert analyst.get(wrong).status_code == 404
    assert "Download" in analyst.get(f"{USAGE}?{DAYS}").content.decode()
    viewer = as_role("viewer")
    assert viewer.get(f"{USAGE}lifecycle.csv").status_code == 403
    assert viewer.get(f"{FEATURES}features.csv").status_code == 403
    assert "lifecycle.csv" not in viewer.get(f"{USAGE}?{DAYS}").content.decode()


def test_the_sql_that_ran_can_be_read(site: Workspace, bob: Client) -> None:
    for path in (USAGE, FEATURES):
        page = bob.get(f"{path}?{DAYS}").content.decode()
        assert re.search(r'<code id="sql-text">[^<]*SELECT', page)


def test_a_page_stands_at_once_and_its_answer_comes_into_it(site: Workspace, bob: Client, filled: Store) -> None:
    filled.append("events", [], workspace="acme", batch="other")
    for path, told in ((USAGE, "Who comes, who comes back"), (FEATURES, "Most and least used")):
        address = f"{path}?period=last_7_days&grain=day"
        first = bob.get(address).content.decode()
        assert "Counting…" in first
        assert told not in first
        part = re.search(r'hx-get="([^"]+part=result[^"]*)"', first)[1].replace("&amp;", "&")  # type: ignore[index]
        answer = bob.get(part).content.decode()
        assert told in answer
        assert "<html" not in answer
        # The second time it is at hand.
        assert told in bob.get(address).content.decode()


@pytest.mark.parametrize("path", [USAGE, FEATURES, f"{USAGE}speed/"])
def test_pages_stand_whatever_days_are_asked_for(site: Workspace, bob: Client, path: str) -> None:
    day, later = "from=2026-01-05&to=2026-01-05", "from=2190-01-01&to=2190-01-20"
    for days in ("this_month", "this_year&grain=quarter", "last_7_days&grain=hour", f"custom&{day}", f"custom&{later}"):
        assert shown(bob, f"{path}?period={days}")


def test_pages_speak_three_languages(site: Workspace, bob: Client) -> None:
    for language in ("pt-br", "it"):
        assert "{" not in re.sub(r"\{\{|\}\}", "", shown(bob, f"{USAGE}?{DAYS}", language).split("SELECT")[0])


def test_reading_asks_the_database_the_same_however_many_features_there_are(
    site: Workspace, alice: Client, django_assert_num_queries: Any
) -> None:
    for names in (["export"], ["export", "teleport", "fly"]):
        FeatureList.objects.update_or_create(workspace=site, defaults={"names": names})
        alice.get(f"{FEATURES}?{DAYS}")
        with django_assert_num_queries(7):
            alice.get(f"{FEATURES}?{DAYS}")


def test_programs_ask_the_same(site: Workspace, alice_person: Person, bob: Client) -> None:
    program = Program(site, alice_person, "read", personal=False)
    asked = {"period": "last_30_days", "grain": "week", "sql": True}
    found = json.loads(program.post("/behaviour/frequency", asked).content)
    assert len(found["reach"]) == 30
    assert found["reach"][-1]["monthly"] == 80
    assert "SELECT" in found["sql"]
    last = found["lifecycle"][-2]
    assert last["active"] == last["new"] + last["returning"] + last["resurrected"]
    of_brazil = asked | {"segment": {"trait": "country", "is": ["BR"]}}
    assert json.loads(program.post("/behaviour/frequency", of_brazil).content)["reach"][-1]["monthly"] == 40
    ranked = json.loads(program.post("/behaviour/features", asked | {"compare": "previous", "core": ["fly"]}).content)
    assert [f["feature"] for f in ranked["features"]] == ["export", "=share", "fax", "fly"]
    assert ranked["features"][0]["change"]["differs"] is False
    assert len(ranked["features"][0]["series"]) == len(ranked["starts"])
    refused = program.post("/behaviour/features", {"column": "customer"})
    assert refused.status_code == 403
    assert program.post("/behaviour/frequency", {"grain": "hour"}).status_code == 422
    assert program.post("/behaviour/frequency", {"from": "1971-01-01", "to": "2026-01-01"}).status_code == 400
