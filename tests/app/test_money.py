"""Money on pages, in downloads and on the terminal: in its currency, and never of two currencies in one sum."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
from django.test import Client
from rich.console import Console

from percorso.accounts.models import Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.commands import tables

NOW = datetime.now(UTC)


@pytest.fixture
def paying(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Facts of a workspace in which 40 customers pay R$ 1,234.50 and ten pay 20 €, one of whom left."""
    with Store.open(":memory:") as store:
        began, rows = NOW - timedelta(days=500), []
        for i in range(50):
            rows.append({
                "id": f"s{i}", "customer": f"c{i}", "subscription": f"s{i}", "plan": "pro" if i % 2 else "basic",
                "mrr": 123450 if i < 40 else 2000, "currency": "BRL" if i < 40 else "EUR", "started_at": began,
                "ended_at": NOW - timedelta(days=100) if i == 45 else None,
            })  # fmt: skip
        store.append("subscriptions", rows, workspace=acme.slug)
        people = [{"id": f"c{i}", "country": "BR" if i < 40 else "IT"} for i in range(50)]
        store.append("customers", people, workspace=acme.slug)
        monkeypatch.setattr(owner, "_store", store)
        yield store


def page(client: Client, address: str, language: str = "en") -> str:
    answer = client.get(address, follow=True, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def test_a_page_shows_a_figure_for_each_currency(alice: Client, paying: Store) -> None:
    shown = page(alice, "/w/acme/indicators/mrr/?compare=none")

    assert "R$49,380.00" in shown
    assert "€180.00" in shown
    assert "several currencies" not in shown
    assert shown.count('<figure class="chart') == 2 or shown.count("data-chart=") == 2


def test_one_currency_is_one_figure_with_its_movements(alice: Client, paying: Store) -> None:
    shown = page(alice, "/w/acme/indicators/mrr/?customer.country=IT")

    assert "€180.00" in shown
    assert "−€20.00" in shown
    assert "BRL" not in shown


def test_the_overview_lists_currencies_in_one_card(alice: Client, paying: Store) -> None:
    shown = page(alice, "/w/acme/")

    assert "R$49,380.00" in shown
    assert "€180.00" in shown
    assert "several currencies" not in shown


def test_csv_tells_minor_units_and_their_currency(alice: Client, paying: Store) -> None:
    answer = alice.get("/w/acme/indicators/mrr/download/csv/?customer.country=BR&period=last_12_months")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["currency"] for row in rows} == {"BRL"}
    assert rows[-1]["value"] == "4938000.0"


def test_a_workbook_holds_amounts_that_people_can_add_up(alice: Client, paying: Store) -> None:
    answer = alice.get("/w/acme/indicators/mrr/download/xlsx/?customer.country=BR&period=last_12_months")

    with ZipFile(io.BytesIO(answer.content)) as book:
        sheet, styles = (book.read(f"xl/{name}").decode() for name in ("worksheets/sheet1.xml", "styles.xml"))
        assert "<v>49380</v>" in sheet
        assert "#,##0.00" in styles or 'numFmtId="4"' in styles
        assert "Currency" in book.read("xl/sharedStrings.xml").decode()


def test_rows_behind_a_figure_tell_amounts(alice: Client, paying: Store) -> None:
    shown = page(alice, "/w/acme/indicators/mrr/facts/?customer.country=IT")

    assert "€20.00" in shown


def test_the_terminal_and_a_notebook_write_the_currency(acme: Workspace, paying: Store) -> None:
    result = measure(paying, Query(("arpa",), "acme", period=Period.preset("last_30_days"), by=("currency",)))

    out = Console(file=io.StringIO(), width=120)
    tables.draw(result, out)

    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert "R$1,234.50" in text
    assert "€20.00" in text
    assert "R$1,234.50" in result._repr_html_()
    assert result.to_arrow().to_pylist()[0]["currency"] == "BRL"
    assert "(BRL)" in str(result.chart().to_dict())


def test_the_api_says_that_there_is_no_sum_of_two_currencies(paying: Store) -> None:
    cell = measure(paying, Query(("mrr",), "acme", period=Period.preset("last_30_days"))).one()

    assert (cell.value, cell.status, cell.details["mrr_end"]) == (None, "mixed_currencies", None)
