"""Every fact table can be imported from a file, by the command's function and on the pages, and its figures show."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from percorso.accounts.models import Workspace
from percorso.analytics.families import FAMILIES
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base.worker import run_all
from percorso.errors import UserError
from percorso.insights.cards import COMMANDS
from percorso.sources.actions import import_files
from percorso.sources.metrics import METRICS
from percorso.sources.report import Report
from percorso.sources.roles import ROLES
from tests.app.test_imports import describe, empty, uploaded

__all__ = ["empty"]

PERIOD = Period(date(2026, 1, 1), date(2026, 4, 1), "America/Sao_Paulo")
# A file of each table with the columns of the documentation, and indicators that show a figure after it.
FILES: dict[str, tuple[str, dict[str, float]]] = {
    "answers": (
        "id,at,customer,metric,score,scale_min,scale_max,channel\n"
        "a1,2026-03-02T10:00:00-03:00,c1,nps,9,0,10,e-mail\na2,2026-03-02T11:00:00-03:00,c2,nps,3,0,10,e-mail\n"
        "a3,2026-03-02T11:00:00-03:00,c2,csat,4,1,5,chat\na4,2026-03-02T11:00:00-03:00,c2,ces,6,,,chat\n",
        {"nps": 0, "csat": 1, "ces": 6},
    ),
    "mentions": (
        "id,at,customer,text,rating\nm1,2026-03-02 10:00,c1,Ótimo,5\nm2,2026-03-03 10:00,c2,Atrasou,2\n",
        {"review_rating": 3.5},
    ),
    "tickets": (
        "id,opened_at,customer,first_reply_at,resolved_at,reopens,team\n"
        "t1,2026-03-02 10:00,c1,2026-03-02 11:00,2026-03-02 14:00,0,A\n"
        "t2,2026-03-03 10:00,c2,2026-03-03 12:00,2026-03-03 16:00,1,A\n",
        {"first_response_time": 5400, "median_resolution_time": 18000},
    ),
    "ticket_events": (
        "id,at,ticket,kind,actor,public\ne1,2026-03-02 10:00,t1,message,customer,yes\n"
        "e2,2026-03-02 10:30,t1,message,agent,yes\n",
        {"average_response_time": 1800},
    ),
    "promises": (
        "id,due_at,kept_at,kind,customer,cancelled\np1,2026-03-02 10:00,2026-03-02 09:00,resolution,c1,no\n"
        "p2,2026-03-03 10:00,2026-03-04 09:00,resolution,c2,no\n",
        {"sla_compliance": 0.5},
    ),
    "contacts": (
        "id,queued_at,answered_at,ended_at,abandoned_at,customer,handled,talk_seconds,hold_seconds,wrap_seconds\n"
        "k1,2026-03-02 10:00:00,2026-03-02 10:00:10,2026-03-02 10:05:00,,c1,true,290,0,0\n"
        "k2,2026-03-02 10:00:00,,2026-03-02 10:02:00,2026-03-02 10:02:00,c2,false,,,\n",
        {"abandonment_rate": 0.5, "average_handling_time": 290},
    ),
    "orders": (
        "id,at,customer,amount,currency\no1,2026-01-02 10:00,c1,49.90,BRL\no2,2026-01-12 10:00,c1,10.00,BRL\n"
        'o3,2026-01-05 10:00,c2,"1,234.50",BRL\n',
        {"repeat_purchase_rate": 0.5},
    ),
    "subscriptions": (
        "id,subscription,customer,plan,mrr,currency,started_at,ended_at\n"
        "p1,s1,c1,basic,49.00,BRL,2025-11-10,2026-03-10\np2,s1,c1,pro,99.00,BRL,2026-03-10,\n"
        "p3,s2,c2,basic,49.00,BRL,2025-12-01,2026-03-20\n",
        {"mrr": 9900, "churn_rate": 0.5},
    ),
    "messages": (
        "id,at,customer,purpose,first_answer_at,completed_at,bounced\n"
        "m1,2026-03-02 10:00,c1,survey,2026-03-02 11:00,2026-03-02 11:05,no\nm2,2026-03-02 10:00,c2,survey,,,no\n",
        {"response_rate": 0.5},
    ),
    "cases": (
        "id,customer,kind,opened_at,first_contact_at,closed_at\n"
        "k1,c2,detractor,2026-03-02 12:00,2026-03-02 15:00,2026-03-05 09:00\nk2,c3,complaint,2026-03-04 12:00,,\n",
        {"closed_loop_rate": 0.5},
    ),
    "events": (
        "id,at,customer,name,session,feature\ne1,2026-03-02 09:00,c1,Page Viewed,s1,\n"
        "e2,2026-03-02 09:05,c1,Order Completed,s1,\ne3,2026-03-02 09:00,c2,Page Viewed,s2,\n",
        {"conversion_rate": 0.5},
    ),
    "customers": ("id,name,created_at,country,churn_probability\nc1,Ana,2024-01-01,BR,0.5\nc2,Bia,2025-01-01,BR,0\n", {}),
}  # fmt: skip
RESEARCH = (
    "id,at,customer,metric,question,aspect,interaction,score,scale_max\n"
    "t1,2026-03-03 10:00,c1,task_success,pay,,study,1,\nt2,2026-03-03 10:00,c1,task_time,pay,,study,42,\n"
    "s1,2026-03-03 10:00,c1,see,,success,,7,\ns2,2026-03-03 10:00,c1,see,,effort,,5,\ns3,2026-03-03 10:00,c1,see,,emotion,,6,\n"
    "m1,2026-03-03 10:00,,mystery,greeting,,visit,2,2\nm2,2026-03-03 10:00,,mystery,receipt,,visit,0,2\n"
    "m3,2026-03-03 10:00,,mystery,smile,,visit,1,\n"
) + "".join(f"e{n},2026-03-03 10:00,x{n},enps,,,,9,\n" for n in range(5))


def of_file(acme: Workspace, store: Store, path: Path, table: str, text: str = "", **config: Any) -> Report:
    if text:
        path.write_text(text)
    return import_files(acme, table, [path], store=store, config=config)


def figures(store: Store, *keys: str) -> dict[str, float | None]:
    cells = measure(store, Query(keys, workspace="acme", period=PERIOD))
    return {cell.indicator: cell.value for cell in cells}


def rows(store: Store, table: str, *columns: str) -> list[dict[str, Any]]:
    t = store.table(table, "acme")
    return store.engine.fetch(store.engine.sql(t.order_by("id").select(*columns))).to_pylist()


@pytest.mark.parametrize("table", list(TABLES))
def test_each_table_is_imported_from_its_documented_columns(
    acme: Workspace, empty: Store, tmp_path: Path, table: str
) -> None:
    text, expected = FILES[table]
    report = of_file(acme, empty, tmp_path / "FILE.csv", table, text)
    assert (report.state, report.rejected) == ("done", 0)
    assert report.tables[table].new == len(text.splitlines()) - 1
    found = figures(empty, *expected) if expected else {}
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("family", list(FAMILIES))
def test_each_command_that_the_pages_show_gives_a_figure_of_its_family(
    acme: Workspace, empty: Store, tmp_path: Path, family: str
) -> None:
    table = COMMANDS[family].removeprefix("percorso import ").removesuffix(" FILE.csv")
    text = RESEARCH if family == "research" else FILES[table][0]
    of_file(acme, empty, tmp_path / "FILE.csv", table, text)
    keys = [key for key, indicator in INDICATORS.items() if indicator.family == family]
    cells = [cell for key in keys for cell in measure(empty, Query((key,), workspace="acme", period=PERIOD))]
    assert any(cell.value is not None for cell in cells)


def test_research_is_imported_one_row_an_answer(acme: Workspace, empty: Store, tmp_path: Path) -> None:
    report = of_file(acme, empty, tmp_path / "research.csv", "answers", RESEARCH)
    assert [(r.line, str(r.reason)) for r in report.rejects] == [
        (9, "score: nothing says the highest possible score of mystery. Give it in scale_max.")
    ]
    shown = figures(empty, "task_success_rate", "time_on_task", "see_index", "mystery_shopping_score", "enps")
    assert shown == {
        "task_success_rate": 1, "time_on_task": pytest.approx(42), "see_index": pytest.approx(200 / 3),
        "mystery_shopping_score": 50, "enps": 100,
    }  # fmt: skip


def test_a_wide_questionnaire_is_imported_with_its_metric(acme: Workspace, empty: Store, tmp_path: Path) -> None:
    items = [f"q{n}" for n in range(1, 11)]
    text = (
        f"id,at,{','.join(items)}\n1,2026-03-02,{','.join(['5', '1'] * 5)}\n2,2026-03-02,{','.join(['3', '3'] * 5)}\n"
    )
    of_file(acme, empty, tmp_path / "sus.csv", "answers", text, metric="sus", map={"score": items})
    pillars = "id,at,Success,Ease,Emotion\n1,2026-03-02,7,7,1\n"
    map_ = {"score": ["Success", "Ease", "Emotion"]}
    of_file(acme, empty, tmp_path / "see.csv", "answers", pillars, metric="see", map=map_)
    assert figures(empty, "sus", "see_index") == {"sus": 75, "see_index": pytest.approx(100 / 3)}
    with pytest.raises(UserError, match=r"points needs its scale: give --scale"):
        of_file(
            acme, empty, tmp_path / "m.csv", "answers", "id,at,points\n1,2026-03-02,1\n", metric="mystery",
            map={"score": "points"},
        )  # fmt: skip


def test_every_metric_that_an_indicator_reads_can_be_chosen() -> None:
    read = {m for i in INDICATORS.values() if i.table == "answers" for m in getattr(i, "metrics", ())}
    assert read <= set(METRICS)


def test_every_column_of_a_table_can_be_given() -> None:
    ours = {"workspace", "batch", "deliveries"}
    for name in set(TABLES) - {"answers", "tickets", "customers"}:
        given_by = {"at"} if TABLES[name].at_from else set()
        assert set(ROLES[name]) == set(TABLES[name].names) - ours - given_by
    assert set(TABLES["customers"].names) - set(ROLES["customers"]) == ours | {"at", "properties"}
    assert set(TABLES["answers"].names) - set(ROLES["answers"]) == ours | {"properties"}


LINES = [
    {"message_id": "e1", "ts": "2026-03-02T09:00:00-03:00", "user_id": "c1", "event": "Page Viewed",
     "properties": {"plan": "pro"}, "score": 3},
    {"message_id": "e2", "ts": "2026-03-02T09:05:00-03:00", "user_id": "c1", "event": "Order Completed"},
    {"message_id": "e3", "ts": "2026-03-02T10:00:00-03:00", "user_id": "c2", "event": "Page Viewed"},
]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_any_event_file_is_imported_by_its_columns(acme: Workspace, empty: Store, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"clicks.{form}"
    flat = [{k: v for k, v in line.items() if k != "properties"} | line.get("properties", {}) for line in LINES]
    if form == "jsonl":
        path.write_text("\n".join(json.dumps(line) for line in LINES))
    elif form == "csv":
        pl.DataFrame(flat).write_csv(path)
    else:
        pl.DataFrame(flat).write_parquet(path)
    report = of_file(acme, empty, path, "events", map={"customer": "user_id", "name": "event", "at": "ts"})
    assert (report.state, report.rejected, report.tables["events"].new) == ("done", 0, 3)
    first = rows(empty, "events", "id", "customer", "name", "properties")[0]
    assert (first["id"], first["customer"], first["name"]) == ("e1", "c1", "Page Viewed")
    assert json.loads(first["properties"]) == {"plan": "pro", "score": "3"}
    assert figures(empty, "conversion_rate") == {"conversion_rate": 0.5}


def test_nested_columns_of_parquet_become_properties_and_themes(acme: Workspace, empty: Store, tmp_path: Path) -> None:
    told = {"plan": ["pro", None], "n": [1, 2]}
    frame = pl.DataFrame(
        {"id": ["a", "b"], "at": ["2026-03-02"] * 2, "text": ["x", "y"], "themes": [["price"], None], "shop": ["N"] * 2}
    )
    frame.with_columns(pl.DataFrame(told).to_struct("properties")).write_parquet(tmp_path / "m.parquet")
    of_file(acme, empty, tmp_path / "m.parquet", "mentions")
    found = rows(empty, "mentions", "themes", "properties")
    assert [r["themes"] for r in found] == ['["price"]', None]
    assert [json.loads(r["properties"]) for r in found] == [{"shop": "N", "plan": "pro", "n": 1}, {"shop": "N", "n": 2}]


def test_amounts_are_read_as_people_write_them_or_as_cents(acme: Workspace, empty: Store, tmp_path: Path) -> None:
    text = 'pedido,data do pedido,cliente,valor\n1,02/03/2026,c1,"1.234,50"\n2,03/03/2026,c2,"R$ 49,9"\n3,03/03/2026,c2,1.500\n'
    report = of_file(acme, empty, tmp_path / "a.csv", "orders", text, set={"currency": "brl"})
    assert [r["amount"] for r in rows(empty, "orders", "amount", "currency")] == [123450, 4990, 150000]
    assert {r["currency"] for r in rows(empty, "orders", "currency")} == {"BRL"}
    assert report.warnings == []
    whole = "id,at,customer,amount,currency\n4,2026-03-02,c1,4990,BRL\n5,2026-03-02,c1,500,JPY\n"
    report = of_file(acme, empty, tmp_path / "b.csv", "orders", whole)
    assert [str(w) for w in report.warnings] == [
        "amount holds whole numbers only, and they are read as whole amounts: 4990 is 4990.00. If they are in cents, say so: --unit amount=minor."
    ]
    assert [r["amount"] for r in rows(empty, "orders", "amount")][-2:] == [499000, 500]
    report = of_file(acme, empty, tmp_path / "b.csv", "orders", whole, unit={"amount": "minor"})
    assert not any("whole numbers" in str(w) for w in report.warnings)
    assert [r["amount"] for r in rows(empty, "orders", "amount")][-2:] == [4990, 500]
    of_file(acme, empty, tmp_path / "c.csv", "orders", whole.replace("amount", "amount_cents"))
    assert [r["amount"] for r in rows(empty, "orders", "amount")][-2:] == [4990, 500]


def test_rows_that_cannot_be_read_say_where_and_what_to_do(acme: Workspace, empty: Store, tmp_path: Path) -> None:
    text = (
        "id,started_at,customer,mrr,currency\np1,soon,c1,10.00,BRL\np2,2026-01-01,c2,much,BRL\np3,2026-01-01,c3,,BRL\n"
        ",2026-01-01,c3,1.00,BRL\np5,2026-01-01,c5,1.00,BRL\n"
    )
    report = of_file(acme, empty, tmp_path / "s.csv", "subscriptions", text)
    assert sorted((r.line, str(r.reason)) for r in report.rejects) == [
        (2, "started_at: soon is not a date and time that can be read."),
        (3, "mrr: much is not an amount. Write it as 1234.50, without words."),
        (4, "mrr: nothing stands here, and without it the row counts nowhere."),
        (5, "id: the record has no id."),
    ]
    assert [r["id"] for r in rows(empty, "subscriptions", "id")] == ["p5"]


@pytest.mark.parametrize(
    ("table", "text", "config", "message"),
    [
        ("events", "id,ts\n1,2026-01-01\n", {}, r"No column says what happened.* Give --column name=COLUMN"),
        ("orders", "id,amount\n1,3.00\n", {}, r"No column says when it was placed\. Give --map at=COLUMN"),
        ("customers", "name\nAna\n", {}, r"No column says the customer's id\. Give --column id=COLUMN"),
        ("orders", "id,at\n1,2026-01-01\n", {"map": {"colour": "id"}}, r"orders have no role colour\. Roles: id, at"),
        ("orders", "id,at\n1,2026-01-01\n", {"unit": {"amount": "hours"}}, r"amount cannot be in hours\. Choose one of: major, minor"),
        ("orders", "id,at\n1,2026-01-01\n", {"unit": {"status": "hours"}}, r"status has no unit"),
        ("messages", "id,at\n1,2026-01-01\n", {"set": {"holdout": "perhaps"}}, r"holdout cannot be perhaps: give yes or no"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_said(
    acme: Workspace, empty: Store, tmp_path: Path, table: str, text: str, config: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        of_file(acme, empty, tmp_path / "x.csv", table, text, **config)


def test_traits_of_customers_are_what_nobody_named(acme: Workspace, empty: Store, tmp_path: Path) -> None:
    of_file(acme, empty, tmp_path / "c.csv", "customers", FILES["customers"][0])
    of_file(acme, empty, tmp_path / "s.csv", "subscriptions", FILES["subscriptions"][0])
    first = rows(empty, "customers", "id", "customer", "name", "traits")[0]
    assert (first["id"], first["customer"], json.loads(first["traits"])) == ("c1", "c1", {"churn_probability": "0.5"})
    assert figures(empty, "revenue_at_risk") == {"revenue_at_risk": 4950}


def test_a_person_chooses_the_table_and_its_columns_on_the_pages(alice: Client, empty: Store) -> None:
    offered = alice.get("/w/acme/imports/new/").content.decode()
    assert all(f'value="{table}"' in offered for table in TABLES)
    text = "plan_id,who,monthly,since,shop\n1,c1,4900,2025-12-01,Centro\n2,c2,9900,2025-12-01,Norte\n"
    row = uploaded(alice, ("plans.csv", text.encode()), connector="subscriptions")
    html = alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    assert "What is paid a month, in cents, such as 4990" in html
    chosen = {"column-0": "subscription", "column-1": "customer", "column-2": "mrr:minor", "column-3": "started_at"}
    assert describe(alice, row, "import", **chosen, **{"same-currency": "BRL"}).status_code == 302
    run_all()
    assert figures(empty, "mrr") == {"mrr": 14800}
    assert rows(empty, "subscriptions", "properties")[0]["properties"]
