"""The overview: the choice that stays while moving around, and the indicators that the team chose."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Workspace
from tests.web.test_pages import text

OVERVIEW = "/w/acme/"
CSAT = "/w/acme/indicators/csat/"
CHOOSE = "/w/acme/overview/"


def names(html: str) -> list[str]:
    """Return the names on the cards, in their order."""
    return re.findall(r'<h3><a class="stretched"[^>]*>([^<]+)</a>', html)


def test_the_last_choice_stays_while_moving_around(alice: Client) -> None:
    alice.get(f"{OVERVIEW}?period=last_90_days&customer.country=IT")

    for path in (CSAT, OVERVIEW, "/w/acme/indicators/"):
        moved = alice.get(path)
        assert (moved.status_code, moved.headers["Location"]) == (
            302,
            f"{path}?period=last_90_days&customer.country=IT",
        )
    assert alice.get(f"{CSAT}?by=team").headers["Location"] == f"{CSAT}?period=last_90_days&customer.country=IT&by=team"


def test_choosing_the_defaults_forgets_the_last_choice(alice: Client) -> None:
    alice.get(f"{OVERVIEW}?period=last_90_days")
    alice.get(f"{OVERVIEW}?period=last_12_months&compare=previous")

    assert alice.get(CSAT).status_code == 200


def test_clearing_the_filters_clears_them(alice: Client) -> None:
    shown = alice.get(f"{OVERVIEW}?channel=email").content.decode()
    href = re.search(r'href="([^"]+)"><svg[^>]*><use[^>]*></use></svg>Clear filters', shown)
    assert href is not None

    cleared = alice.get(href[1].replace("&amp;", "&"))
    assert cleared.status_code == 200
    assert "Clear filters" not in cleared.content.decode()
    assert alice.get(OVERVIEW).status_code == 200


def test_an_address_tells_everything_to_somebody_else(alice: Client, bob: Client) -> None:
    bob.get(f"{OVERVIEW}?period=last_90_days")

    shared = f"{OVERVIEW}?period=last_30_days"
    seen = [re.search(r'page-about">([^<]+)', client.get(shared).content.decode()) for client in (alice, bob)]
    assert seen[0] is not None
    assert seen[1] is not None
    assert seen[0][1] == seen[1][1]


def test_a_wrong_choice_is_said_and_not_kept(alice: Client) -> None:
    assert alice.get(f"{OVERVIEW}?period=last_century").status_code == 400
    assert alice.get(OVERVIEW).status_code == 200


def test_the_team_chooses_what_the_overview_shows(alice: Client, bob: Client, members: Workspace) -> None:
    given = {"order": ["nps", "csat"], "chosen": ["csat", "nps"], "save": "1"}
    answer = alice.post(CHOOSE, given, follow=True)

    assert "The overview shows the chosen indicators." in text(answer.content.decode())
    shown = bob.get(OVERVIEW).content.decode()
    assert names(shown) == ["Net Promoter Score", "Customer Satisfaction Score"]
    assert "Chosen by the team" in shown
    # What changed is told for all of them.
    assert "First response time fell from" in text(shown)
    entry = AuditEntry.objects.get(action="indicators_chosen")
    assert (entry.by, entry.target) == ("Alice Albuquerque", "nps, csat")

    alice.post(CHOOSE, {"all": "1"})
    assert len(names(bob.get(OVERVIEW).content.decode())) >= 8


def test_moving_keeps_what_is_ticked_and_saves_nothing(alice: Client, members: Workspace) -> None:
    draft = {"order": ["nps", "csat"], "chosen": ["csat"], "move": "up:csat"}
    shown = alice.post(CHOOSE, draft).content.decode()

    assert re.findall(r'name="order" value="(\w+)"', shown)[:2] == ["csat", "nps"]
    assert re.findall(r'name="chosen" value="(\w+)" checked', shown) == ["csat"]
    members.refresh_from_db()
    assert members.chosen_indicators == []


def test_searching_hides_rows_and_keeps_what_is_ticked(alice: Client) -> None:
    shown = alice.post(
        CHOOSE, {"order": ["nps", "csat"], "chosen": ["nps"], "q": "satisf", "find": "1"}
    ).content.decode()

    assert re.findall(r'<li hidden>\s*<input type="hidden" name="order" value="nps">', shown)
    assert re.findall(r'<li>\s*<input type="hidden" name="order" value="csat">', shown)
    assert 'value="nps" checked' in shown


def test_an_indicator_that_does_not_exist_cannot_be_chosen(alice: Client, members: Workspace) -> None:
    alice.post(CHOOSE, {"order": ["nothing", "nps"], "chosen": ["nothing", "nps"], "save": "1"})

    members.refresh_from_db()
    assert members.chosen_indicators == ["nps"]


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 200), ("editor", 200)])
def test_who_may_choose(as_role: Callable[[str], Client], role: str, status: int) -> None:
    client = as_role(role)
    assert client.get(CHOOSE).status_code == status
    assert (CHOOSE in client.get(OVERVIEW).content.decode()) is (status == 200)


def test_groups_of_the_same_days_can_be_compared(alice: Client) -> None:
    shown = text(
        alice.get(f"{OVERVIEW}?compare=segment&customer.country=BR&other.customer.country=IT").content.decode()
    )

    assert "compared with: Italy" in shown
    assert re.search(r"Customer Satisfaction Score", shown)
    assert "compared: " in shown
    assert "Everybody else" in shown
    assert "was " not in shown.split("Asked in surveys")[1]


def test_rest_without_a_segment_compares_with_nothing(alice: Client) -> None:
    assert "Nothing is compared." in text(alice.get(f"{OVERVIEW}?compare=rest").content.decode())
