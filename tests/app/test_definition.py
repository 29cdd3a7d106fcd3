"""The definition page of an indicator, and its tags in the catalogue."""

import re
from typing import Any

import pytest
from django.test import Client

from percorso.analytics.indicators import INDICATORS
from tests.web.test_pages import text

PAGE = "/w/acme/indicators/{key}/definition/"


def shown(client: Client, key: str, language: str = "en") -> str:
    response = client.get(PAGE.format(key=key), headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("key", list(INDICATORS))
def test_a_page_tells_all_of_a_definition(bob: Client, key: str) -> None:
    told = text(shown(bob, key)).replace("&#x27;", "'").replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
    found = INDICATORS[key]
    for sentence in (found.about, found.formula, found.interval, found.test, found.time):
        assert sentence in told
    for sentence in (*found.exclusions, *found.traps, *found.literature):
        assert sentence in told
    for name, option in found.options.items():
        assert name in told
        assert option.about in told
    assert f"POST /api/v1/facts/{found.table}" in told
    assert f"Version {found.version}" in told


def test_units_scales_and_what_matters_are_told_in_words(bob: Client) -> None:
    service = text(shown(bob, "service_level"))
    assert "share, in percent" in service
    assert "from 0% to 100%" in service
    assert "2 percentage points" in service
    assert "5% of the earlier figure" in text(shown(bob, "time_on_task"))
    assert "from −100 to +100" in text(shown(bob, "nps"))
    assert "Their metric is named: servqual_expected, servqual_perceived." in text(shown(bob, "servqual_gap"))


def test_tags_lead_to_the_indicators_of_the_same_class(alice: Client) -> None:
    links = re.findall(r'<a class="tag" href="([^"]+)"', shown(alice, "service_level"))
    assert [link.partition("?")[2] for link in links] == [
        "level=tactical",
        "kind=process",
        "nature=leading",
        "signal=yes",
        "family=service",
    ]
    listed = alice.get(links[3]).content.decode()
    assert "Service level" in text(listed)
    assert "Ticket backlog" not in re.findall(r'class="stretched"[^>]*>([^<]+)<', listed)


def needs(html: str) -> str:
    return html.partition('id="needs"')[2].partition("</section>")[0]


def test_who_may_not_import_gets_no_link_to_it(alice: Client, bob: Client) -> None:
    assert "/imports/new/" in needs(shown(alice, "csat"))
    assert "/imports/new/" not in needs(shown(bob, "csat"))


@pytest.mark.parametrize(("key", "table"), [("csat", "answers"), ("sus", "answers"), ("mrr", "subscriptions")])
def test_the_page_names_the_command_that_imports_its_facts(alice: Client, key: str, table: str) -> None:
    assert f"percorso import {table} FILE.csv" in needs(shown(alice, key))


def test_the_figure_and_the_catalogue_lead_to_the_definition(bob: Client) -> None:
    address = PAGE.format(key="csat")
    for page in ("/w/acme/indicators/csat/", "/w/acme/indicators/?q=csat"):
        assert f'href="{address}"' in bob.get(page).content.decode()


def test_an_unknown_indicator_has_no_definition(alice: Client, charlie: Client) -> None:
    assert alice.get(PAGE.format(key="nonsense")).status_code == 404
    assert charlie.get(PAGE.format(key="csat")).status_code == 404


def test_the_page_asks_the_database_little(alice: Client, django_assert_num_queries: Any) -> None:
    shown(alice, "csat")
    for key in ("csat", "sus"):
        with django_assert_num_queries(5):
            shown(alice, key)
