"""Indicators: the catalogue, annotations, the rows behind a figure, downloads."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import polars
import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Workspace
from percorso.analytics.behind import facts_behind
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.insights.models import Annotation
from tests.web.test_pages import text

CATALOGUE = "/w/acme/indicators/"
CSAT = "/w/acme/indicators/csat/"


def shown(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.content.decode()


def listed(html: str) -> list[str]:
    return re.findall(r'<h3><a class="stretched"[^>]*>([^<]+)</a></h3>', html)


def test_the_catalogue_lists_every_indicator_with_its_figure(alice: Client) -> None:
    waiting = shown(alice, CATALOGUE)
    assert len(listed(waiting)) == len(INDICATORS)
    assert "Counting…" in text(waiting)

    families = re.findall(r'hx-get="([^"]*figures=[^"]*)"', waiting)
    told = " ".join(text(shown(alice, family.replace("&amp;", "&"))) for family in families)
    assert "Counting…" not in text(shown(alice, CATALOGUE)), "what was counted is there at once"
    assert "What share of customers were satisfied" in told
    assert re.search(r"between [\d.]+% and [\d.]+%, 95% sure", told)
    assert "It needs reviews with stars." in told


def classed(**classes: Any) -> int:
    """Return how many indicators have all of some classes."""
    return sum(all(getattr(i, name) == value for name, value in classes.items()) for i in INDICATORS.values())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=satisfaction+score", ["Customer Satisfaction Score"]),
        ("q=CSAT", ["Customer Satisfaction Score"]),
        ("level=strategic&nature=leading&kind=impact", classed(level="strategic", nature="leading", kind="impact")),
        ("signal=yes", classed(signal=True)),
        ("family=research", classed(family="research")),
        ("q=promoter&family=surveys&level=tactical", 0),
        ("q=nothing+of+this", 0),
    ],
)
def test_the_catalogue_can_be_searched_and_filtered(alice: Client, query: str, found: Any) -> None:
    names = listed(shown(alice, f"{CATALOGUE}?{query}"))
    assert (names if isinstance(found, list) else len(names)) == found


def test_the_catalogue_is_searched_in_the_persons_language_without_accents(alice: Client) -> None:
    assert "Satisfação do cliente (CSAT)" in listed(shown(alice, f"{CATALOGUE}?q=satisfacao+cliente", "pt-br"))


def test_an_unknown_filter_filters_nothing(alice: Client) -> None:
    assert len(listed(shown(alice, f"{CATALOGUE}?level=cosmic"))) == len(INDICATORS)


def test_pages_ask_the_database_the_same_however_many_rows(
    alice: Client, members: Workspace, django_assert_num_queries: Any
) -> None:
    shown(alice, CSAT)
    for rows in (1, 3):
        while Annotation.objects.count() < rows:
            day = datetime.now(UTC).date() - timedelta(days=20 + Annotation.objects.count())
            Annotation.objects.create(workspace=members, day=day, text=f"note {rows}", indicator="csat")
        with django_assert_num_queries(9):
            html = shown(alice, CSAT)
        assert html.count('class="annotation-number"') == rows


def test_an_annotation_stands_on_the_axis_and_can_be_changed_and_removed(alice: Client, bob: Client) -> None:
    day = datetime.now(UTC).date() - timedelta(days=40)
    written = alice.post(f"{CSAT}annotations/", {"day": day.isoformat(), "text": " New   carrier "}, follow=True)
    note = Annotation.objects.get()
    assert "The annotation stands on the time axis." in text(written.content.decode())
    assert (note.text, note.indicator, str(note.by)) == ("New carrier", "csat", "Alice Albuquerque")

    seen = shown(bob, CSAT)
    assert "1 " in text(seen)
    assert "New carrier" in text(seen)
    marks = re.search(r'"marks": (\[\[.*?\]\])', seen)
    assert marks is not None
    assert marks[1] in ("[[10, 1]]", "[[11, 1]]")
    assert "New carrier" not in shown(bob, "/w/acme/indicators/nps/")
    assert f"annotations/{note.pk}/" not in seen

    change = f"{CSAT}annotations/{note.pk}/"
    assert "New carrier" in shown(alice, change)
    alice.post(change, {"day": day.isoformat(), "text": "Old carrier", "everywhere": "on"})
    assert "Old carrier" in shown(bob, "/w/acme/indicators/nps/")
    alice.post(f"{change}remove/")
    assert "Old carrier" not in shown(bob, CSAT)
    entries = AuditEntry.objects.filter(action__startswith="annotation_").order_by("id")
    assert [(e.action, e.target) for e in entries] == [
        ("annotation_made", f"{day} New carrier"),
        ("annotation_changed", f"{day} Old carrier"),
        ("annotation_removed", f"{day} Old carrier"),
    ]


def test_an_annotation_outside_of_the_period_is_not_shown(alice: Client, members: Workspace) -> None:
    Annotation.objects.create(workspace=members, day="2001-01-01", text="Long ago", indicator="")
    assert "Long ago" not in shown(alice, CSAT)


@pytest.mark.parametrize(
    "sent",
    [
        {"day": "", "text": "x"},
        {"day": "soon", "text": "x"},
        {"day": "2026-01-01", "text": ""},
        {"day": "2026-01-01", "text": "x" * 201},
    ],
)
def test_a_wrong_annotation_is_not_written(alice: Client, sent: dict[str, str]) -> None:
    assert alice.post(f"{CSAT}annotations/", sent).status_code == 400
    assert not Annotation.objects.exists()


def test_annotations_of_another_workspace_do_not_exist(alice: Client, charlie: Client, members: Workspace) -> None:
    elsewhere = Workspace.objects.get(slug="elsewhere")
    note = Annotation.objects.create(workspace=elsewhere, day="2026-01-01", text="Secret", indicator="csat")

    assert alice.get(f"{CSAT}annotations/{note.pk}/").status_code == 404
    assert alice.post(f"{CSAT}annotations/{note.pk}/remove/").status_code == 404
    assert charlie.post(f"{CSAT}annotations/", {"day": "2026-01-01", "text": "x"}).status_code == 404


def test_a_breakdown_by_two_columns(alice: Client) -> None:
    told = text(shown(alice, f"{CSAT}?by=channel&then=customer.country"))

    assert "Channel · Country" in told
    assert "E-mail · Brazil" in told


@pytest.mark.parametrize(("language", "clock"), [("en", "12:00"), ("pt-br", "00:00"), ("it", "00:00")])
def test_hours_are_written_with_their_time(alice: Client, language: str, clock: str) -> None:
    assert clock in text(shown(alice, f"{CSAT}?period=custom&from=2026-11-01&to=2026-11-02", language))


def test_another_group_can_be_compared_on_the_page(alice: Client) -> None:
    html = shown(alice, f"{CSAT}?compare=segment&customer.country=BR&other.customer.country=IT")
    told = text(html)

    assert re.search(r"Customer Satisfaction Score: [\d.]+%.* in the compared group", told)
    assert "Compared group" in told
    assert re.search(r'legend-before">Italy<', html)


def test_everybody_else_can_be_compared(alice: Client) -> None:
    assert "in the compared group" in text(shown(alice, f"{CSAT}?compare=rest&customer.country=BR"))


def test_the_rows_behind_a_figure_page_by_page(bob: Client, facts: Store) -> None:
    html = shown(bob, f"{CSAT}facts/?period=last_90_days")
    rows = html.count("<tr><td")
    seen = rows
    while more := re.search(r'rel="next" href="([^"]+)"', html):
        html = shown(bob, more[1].replace("&amp;", "&"))
        seen += html.count("<tr><td")

    n = re.search(r"from ([\d,]+) answers", text(shown(bob, f"{CSAT}?period=last_90_days")))
    assert n is not None
    assert (rows, seen) == (50, int(n[1].replace(",", "")))
    assert re.search(r'href="/w/acme/customers/c\d+/"', html)


def test_every_indicator_can_tell_its_rows(facts: Store) -> None:
    for key, indicator in INDICATORS.items():
        if getattr(indicator, "population", "") != "employee":
            rows = facts_behind(facts, Query((key,), "acme"), 3).to_pylist()
            assert all("id" in r and "moment" in r for r in rows), key
            if len(rows) == 3:
                after = (rows[0]["moment"], rows[0]["id"])
                assert facts_behind(facts, Query((key,), "acme"), 2, after).to_pylist() == rows[1:], key


def test_answers_of_employees_are_shown_to_nobody(alice: Client) -> None:
    assert alice.get("/w/acme/indicators/enps/facts/").status_code == 404
    assert "/enps/facts/" not in shown(alice, "/w/acme/indicators/enps/")


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("analyst", 403), ("editor", 200)])
def test_who_may_see_single_rows(as_role: Callable[[str], Client], role: str, status: int) -> None:
    client = as_role(role)
    assert client.get(f"{CSAT}facts/").status_code == status
    assert (f"{CSAT}facts/" in shown(client, CSAT)) is (status == 200)


def test_a_damaged_place_in_the_list_is_said(alice: Client) -> None:
    for place in ("x", "W10", "WyJhIiwgImIiXQ"):
        assert alice.get(f"{CSAT}facts/?after={place}").status_code == 400


def fetched(client: Client, path: str, language: str = "en") -> bytes:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    return response.content


def test_a_workbook_holds_numbers_and_what_was_asked(alice: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fetched(alice, f"{CSAT}download/xlsx/?table=breakdown&by=channel")))
    figures, asked = book.worksheets

    heading, *rows = figures.iter_rows(values_only=True)
    assert heading[:6] == ("Channel", "Value", "Interval from", "Interval to", "n", "State")
    assert heading[-1] == "Verdict"
    assert all(isinstance(row[1], float) and isinstance(row[4], int) for row in rows)
    told = {row[0]: row[1] for row in asked.iter_rows(values_only=True)}
    assert told["Indicator"] == "Customer Satisfaction Score"
    assert told["Workspace"] == "Acme"
    assert told["Breakdown"] == "Channel"
    assert "Asked at" in told


def test_a_workbook_speaks_the_persons_language(alice: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fetched(alice, f"{CSAT}download/xlsx/", "it")))
    told = [row[1] for row in book.worksheets[1].iter_rows(values_only=True)]
    assert "Soddisfazione del cliente (CSAT)" in told


def test_texts_never_become_formulas(alice: Client) -> None:
    path = "/w/acme/indicators/first_response_time/download/{}/?table=breakdown&by=team"
    table = list(csv.reader(io.StringIO(fetched(alice, path.format("csv")).decode())))
    assert "'=Formula" in [row[2] for row in table]

    raw = fetched(alice, path.format("xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(raw))
    cell = next(c for c in book.worksheets[0]["A"] if c.value == "=Formula")
    assert cell.data_type != "f" or b"<f>" not in zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml")


def test_parquet_has_the_series(alice: Client) -> None:
    frame = polars.read_parquet(io.BytesIO(fetched(alice, f"{CSAT}download/parquet/?grain=quarter")))
    assert frame["value"].dtype == polars.Float64
    assert 4 <= len(frame) <= 5


@pytest.mark.parametrize("table", ["series", "breakdown"])
def test_pictures_are_drawn_here_in_the_persons_language(alice: Client, members: Workspace, table: str) -> None:
    day = datetime.now(UTC).date() - timedelta(days=40)
    Annotation.objects.create(workspace=members, day=day, text="Novo 'frete'", indicator="csat")
    drawing = fetched(alice, f"{CSAT}download/svg/?table={table}", "pt-br").decode()

    assert drawing.startswith("<svg")
    assert "Satisfação do cliente (CSAT)" in drawing
    assert ("Novo 'frete'" in drawing or "Novo &apos;frete&apos;" in drawing) is (table == "series")
    assert not re.search(r'(?:href|src)="http', drawing)
    assert fetched(alice, f"{CSAT}download/png/?table={table}").startswith(b"\x89PNG")


def test_downloads_are_written_into_the_audit_log(alice: Client) -> None:
    fetched(alice, f"{CSAT}download/csv/?period=custom&from=2026-01-01&to=2026-03-31")
    entry = AuditEntry.objects.get(action="downloaded")
    assert entry.target == "acme-csat-week-2026-01-01-2026-03-31.csv"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 200)])
def test_who_may_download(as_role: Callable[[str], Client], role: str, status: int) -> None:
    client = as_role(role)
    assert client.get(f"{CSAT}download/csv/").status_code == status
    assert ("download/csv/" in shown(client, CSAT)) is (status == 200)


def test_an_unknown_form_does_not_exist(alice: Client) -> None:
    assert alice.get(f"{CSAT}download/exe/").status_code == 404


@pytest.mark.parametrize(
    "query", ["?by=customer", "?by=customer.name", "?by=channel&then=identity", "?by=properties.email"]
)
@pytest.mark.parametrize("page", ["", "download/csv/"])
def test_an_analyst_learns_nobodys_name_by_a_breakdown(
    query: str, page: str, as_role: Callable[[str], Client], alice: Client
) -> None:
    path = f"/w/acme/indicators/csat/{page}"

    assert as_role("analyst").get(path + query).status_code == 403
    assert as_role("analyst").get(path + "?by=customer.country").status_code == 200
    assert alice.get(path + "?by=customer").status_code == 200
