"""What a person sees on the pages: figures, verdicts, states, filters, languages, errors."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from percorso.accounts.models import Membership, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.base import assets, owner
from percorso.insights.cards import USUAL

OVERVIEW = "/w/acme/"
CSAT = "/w/acme/indicators/csat/"


def text(html: str) -> str:
    """Return what a person reads of a page: without tags, white space in one."""
    html = re.sub(r"<(script|style|title).*?</\1>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&amp;", "&")


def read(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    assert response.headers["Content-Language"] == language
    return text(response.content.decode())


def test_home_goes_to_the_workspace(client: Client, acme: Workspace) -> None:
    response = client.get("/")

    assert (response.status_code, response.headers["Location"]) == (302, OVERVIEW)


def test_home_without_a_workspace_teaches_the_next_step(client: Client) -> None:
    Membership.objects.all().delete()
    assert "percorso demo" in text(client.get("/").content.decode())


def test_overview_shows_the_usual_indicators_with_their_figures(client: Client, acme: Workspace, facts: Store) -> None:
    shown = read(client, OVERVIEW)

    period = Period.preset("last_12_months", "America/Sao_Paulo")
    cell = measure(facts, Query(("csat",), "acme", period)).one()
    assert f"{cell.value:.1%}" in shown
    assert f"between {cell.low:.1%} and {cell.high:.1%}, 95% sure from {cell.n:,} answers" in shown
    assert [key for key in USUAL if str(INDICATORS[key].label) not in shown] == []


def test_overview_says_what_changed_in_a_sentence_and_bad_news_first(client: Client, acme: Workspace) -> None:
    shown = read(client, OVERVIEW)

    csat = re.search(r"Customer Satisfaction Score fell from [\d.]+% to [\d.]+%, more than chance explains\.", shown)
    response = re.search(r"First response time fell from [\d:]+ h to [\d:]+ h, more than chance explains\.", shown)
    assert csat is not None
    assert response is not None
    assert csat.start() < response.start()


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("pt-br", ["Satisfação do cliente (CSAT): caiu de", "mais do que o acaso explica", "% de certeza", "de 1."]),
        (
            "it",
            ["Soddisfazione del cliente (CSAT): calo da", "più di quanto spieghi il caso", "sicuri al 95%", "da 1."],
        ),
    ],
)
def test_overview_speaks_the_persons_language(
    client: Client, acme: Workspace, language: str, sentences: list[str]
) -> None:
    shown = read(client, OVERVIEW, language)

    assert [s for s in sentences if s not in shown] == []
    assert re.search(r"\d,\d%", shown)
    assert not re.search(r"\d\.\d%", shown)


def test_states_of_cards_say_what_they_mean(client: Client, acme: Workspace) -> None:
    acme.chosen_indicators = [key for key, i in INDICATORS.items() if i.family in ("surveys", "service")]
    acme.save()
    shown = read(client, OVERVIEW)

    assert "too few to rely on" in shown
    assert "Hidden to protect people: fewer than five answered." in shown
    without = re.findall(r"No data in this period: (.*?) \.", shown)
    assert {name.strip() for group in without for name in group.split(",")} == {
        "Customer Effort Score", "Online review rating", "Self-service containment rate", "SLA compliance",
        "Net sentiment of comments", "Topic share",
    }  # fmt: skip
    assert "percorso import tickets FILE.csv" in shown


def test_a_period_that_still_runs_gets_no_verdict(client: Client, acme: Workspace) -> None:
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=60), today + timedelta(days=5)
    shown = read(client, f"{OVERVIEW}?period=custom&from={first}&to={last}")

    assert "Still running" in shown
    assert ", more than chance explains." not in shown
    assert "This period is still running, so nothing is tested yet" in shown


def test_nothing_to_compare_with_is_said(client: Client, acme: Workspace) -> None:
    assert "Nothing is compared." in read(client, f"{OVERVIEW}?compare=none")


def test_an_empty_period_teaches_the_next_step(client: Client, acme: Workspace) -> None:
    shown = read(client, f"{OVERVIEW}?period=custom&from=1999-01-01&to=1999-01-31")

    assert "No facts in this period yet" in shown
    assert "Jan 1 – 31, 1999" in shown


def test_filters_narrow_the_figures_and_stay_in_every_link(client: Client, acme: Workspace, facts: Store) -> None:
    shown = client.get(f"{OVERVIEW}?customer.country=IT&period=last_90_days").content.decode()

    period = Period.preset("last_90_days", "America/Sao_Paulo")
    italy = measure(facts, Query(("csat",), "acme", period, segment={"customer.country": ("IT",)})).one()
    assert f"from {italy.n} answers" in text(shown)
    assert f'href="{CSAT}?period=last_90_days&amp;customer.country=IT"' in shown
    assert "Country Italy" in text(shown)


def test_a_filter_for_a_value_without_facts_shows_no_data(client: Client, acme: Workspace) -> None:
    assert "No facts in this period yet" in read(client, f"{OVERVIEW}?channel=pigeon")


def _own(slug: str, client: Client) -> None:
    """Make a workspace without facts that the person of `client` owns."""
    workspace = Workspace.objects.create(slug=slug, name=slug.title(), time_zone="UTC")
    Membership.objects.create(workspace=workspace, person_id=client.session["_auth_user_id"], role="owner")


def test_the_workspace_in_the_address_decides_whose_figures(client: Client, acme: Workspace) -> None:
    _own("other", client)

    shown = read(client, "/w/other/")

    assert "No facts in this period yet" in shown
    assert not re.search(r"\d%, 95% sure", shown)
    assert client.get("/w/nobody/").status_code == 404


def test_indicator_page_shows_figure_definition_and_sql(client: Client, acme: Workspace) -> None:
    shown = read(client, CSAT)

    assert "answers in the top two boxes of the scale / valid answers" in shown
    assert "a higher value is better" in shown
    assert "Wilson score interval" in shown
    assert "Smallest sample to rely on 30" in shown
    assert re.search("SELECT .*&quot;answers&quot;", shown)


def test_every_indicator_has_a_page(client: Client, acme: Workspace) -> None:
    statuses = {key: client.get(f"/w/acme/indicators/{key}/").status_code for key in INDICATORS}

    assert statuses == dict.fromkeys(INDICATORS, 200)


def test_breakdown_shows_each_group_with_its_interval(client: Client, acme: Workspace, facts: Store) -> None:
    shown = read(client, f"{CSAT}?by=customer.country")

    period = Period.preset("last_12_months", "America/Sao_Paulo")
    for cell in measure(facts, Query(("csat",), "acme", period, by=("customer.country",))):
        country = {"BR": "Brazil", "IT": "Italy"}[str(cell.by["customer.country"])]
        interval = f"between {cell.low:.1%} and {cell.high:.1%}, 95% sure"
        assert f"{country} {cell.value:.1%} {interval} {cell.n}" in shown


def test_series_as_a_table_tells_every_step(client: Client, acme: Workspace) -> None:
    today = datetime.now(UTC).date()
    day = today - timedelta(days=40)
    shown = read(client, f"{CSAT}?period=custom&from={day}&to={day + timedelta(days=2)}&grain=day")

    steps = [(day + timedelta(days=i)).strftime("%b %-d, %Y") for i in range(3)]
    assert [step for step in steps if step not in shown] == []


def test_partial_months_are_marked(client: Client, acme: Workspace) -> None:
    first = (datetime.now(UTC).date() - timedelta(days=120)).replace(day=15)
    last = (first + timedelta(days=60)).replace(day=15)
    shown = read(client, f"{CSAT}?period=custom&from={first}&to={last}&grain=month&compare=none")

    steps = [s.strftime("%b %Y") for s in (first, first.replace(day=1) + timedelta(days=32), last)]
    rows = [shown.split(f" {step} ")[1].split("95% sure")[1][:70] for step in steps]
    assert ["covers only a part" in row for row in rows] == [True, False, True]


def test_download_holds_the_series_unrounded(client: Client, acme: Workspace, facts: Store) -> None:
    response = client.get(f"{CSAT}download/csv/?period=last_month&grain=week")

    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    period = Period.preset("last_month", "America/Sao_Paulo")
    series = measure(facts, Query(("csat",), "acme", period, grain="week"))
    assert [float(r["value"]) for r in rows] == [c.value for c in series]
    assert {r["time_zone"] for r in rows} == {"America/Sao_Paulo"}
    assert response.headers["Content-Disposition"].startswith('attachment; filename="acme-csat-week-')


def test_download_defuses_formulas(client: Client, acme: Workspace) -> None:
    response = client.get("/w/acme/indicators/first_response_time/download/csv/?table=breakdown&by=team")

    teams = {row["team"] for row in csv.DictReader(io.StringIO(response.content.decode()))}
    assert teams == {"Billing", "Delivery", "'=Formula"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("period=someday", "There is no period someday. Choose one of: last_7_days"),
        ("period=custom&from=yesterday&to=2026-01-01", "'yesterday' is no day. Give the first and the last day"),
        ("period=custom&from=2026-02-01&to=2026-01-01", "Swap the two days."),
        ("period=custom&from=0001-01-01&to=0001-01-02", "Give days from 1970 to 2199."),
        ("grain=blink", "There is no choice blink here."),
        ("by=shoe_size", "There is no column shoe_size to break down by."),
    ],
)
def test_a_question_without_an_answer_says_what_to_do(client: Client, acme: Workspace, query: str, told: str) -> None:
    response = client.get(f"{CSAT}?{query}")

    assert response.status_code == 400
    assert told in text(response.content.decode()).replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "There is no such page"), ("pt-br", "Esta página não existe"), ("it", "Questa pagina non esiste")],
)
def test_missing_pages_are_friendly_in_three_languages(
    client: Client, acme: Workspace, language: str, title: str
) -> None:
    for path in ("/nothing/", "/w/nobody/", "/w/acme/indicators/nothing/"):
        response = client.get(path, headers={"Accept-Language": language})
        assert response.status_code == 404
        assert title in text(response.content.decode())


def test_our_own_error_is_friendly(client: Client, acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Store:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("percorso.insights.queries.open_store", broken)
    client.raise_request_exception = False
    response = client.get(OVERVIEW, headers={"Accept-Language": "it"})

    assert response.status_code == 500
    assert "Qualcosa è andato storto da parte nostra" in text(response.content.decode())
    assert "fire" not in response.content.decode()


def test_a_data_folder_in_use_is_said(client: Client, acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from percorso.errors import StoreBusy

    def busy() -> Store:
        raise StoreBusy("The data folder is in use by process {pid} ({path}).", pid=7, path="/data")

    monkeypatch.setattr("percorso.insights.queries.open_store", busy)
    response = client.get(OVERVIEW)

    assert response.status_code == 503
    assert "The data folder is in use by process 7 (/data)." in text(response.content.decode())


def test_missing_assets_are_said_even_without_them(
    client: Client, acme: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    response = client.get(OVERVIEW)

    assert response.status_code == 503
    assert b"`make demo` builds them" in response.content


def test_the_language_can_be_switched_and_stays(client: Client, acme: Workspace) -> None:
    response = client.post("/language/setlang/", {"language": "it", "next": CSAT})

    assert response.headers["Location"] == CSAT
    assert "Panoramica" in text(client.get(CSAT).content.decode())


def test_new_facts_show_at_once(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _own("fresh", client)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        assert "No facts in this period yet" in read(client, "/w/fresh/")

        answer = {
            "at": yesterday,
            "metric": "csat",
            "score": 5,
            "scale_min": 1,
            "scale_max": 5,
            "population": "customer",
        }
        store.append("answers", [answer | {"id": str(i)} for i in range(40)], workspace="fresh")

        assert "100.0%" in read(client, "/w/fresh/")


def test_a_second_look_asks_the_facts_no_more(
    client: Client, acme: Workspace, facts: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(client, OVERVIEW)

    def asked(sql: str) -> None:
        raise AssertionError(sql)

    monkeypatch.setattr(facts.engine, "fetch", asked)
    assert read(client, OVERVIEW) == first


def test_pages_allow_no_inline_script_and_no_other_host(client: Client, acme: Workspace) -> None:
    for path in (OVERVIEW, CSAT, "/nothing/"):
        response = client.get(path)
        html = response.content.decode()
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert re.findall(r'<script(?![^>]*(?: src=| type="application/json"))', html) == []
        assert re.findall(r"<[^>]+ (?:style|on\w+)=", html) == []
        assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []


def test_filter_changes_leave_a_short_address(client: Client, acme: Workspace) -> None:
    sent = "period=last_12_months&from=2025-01-01&to=2025-12-31&compare=previous&channel=email&grain=month&by=team"
    response = client.get(f"{CSAT}?{sent}", headers={"HX-Request": "true"})

    assert response.headers["HX-Push-Url"] == f"{CSAT}?channel=email&grain=month&by=team"


def test_dates_are_written_as_the_language_does(client: Client, acme: Workspace) -> None:
    query = "?period=custom&from=2026-01-05&to=2026-03-31&compare=none"

    assert "Jan 5 – Mar 31, 2026" in read(client, OVERVIEW + query).replace("\u2009", " ")
    assert "5 de jan. – 31 de mar. de 2026" in read(client, OVERVIEW + query, "pt-br").replace("\u2009", " ")
    assert "5 gen – 31 mar 2026" in read(client, OVERVIEW + query, "it").replace("\u2009", " ")
    assert date(2026, 1, 5).isoformat() in client.get(OVERVIEW + query).content.decode()
