"""Which customer each identity is: the same whatever came first, and nobody is made one person with somebody else."""

from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from percorso.accounts.models import Workspace
from percorso.customers.identity.belonging import RANKS, Claim, Decision, Rules, belonging, disputed
from percorso.customers.identity.book import believed
from percorso.customers.models import Identity

IDS = ("u1", "u2", "u3", "email:a@x.it", "email:b@x.it", "phone:+55119", "anonymous:d1", "anonymous:d2", "anonymous:d3")
CLAIMS = st.lists(st.builds(Claim, st.sampled_from(IDS), st.sampled_from(IDS), st.booleans()), max_size=12)

DECIDED = st.lists(
    st.builds(Decision, st.sampled_from(IDS), st.sampled_from(IDS), st.booleans(), st.integers(1, 4)), max_size=5
)
SOME_RANKS = st.frozensets(st.sampled_from(list(RANKS)))
RULES = st.builds(Rules, st.booleans(), SOME_RANKS, SOME_RANKS)


def test_a_visitor_who_signs_in_is_the_customer() -> None:
    assert belonging([Claim("u1", "anonymous:d1")]) == {"u1": "u1", "anonymous:d1": "u1"}


def test_a_shared_device_glues_nobody() -> None:
    made = belonging([Claim("u1", "anonymous:d1"), Claim("u2", "anonymous:d1")])
    assert made == {"u1": "u1", "u2": "u2", "anonymous:d1": "anonymous:d1"}


def test_a_shared_address_waits_for_a_person() -> None:
    claims = [Claim("u1", "email:a@x.it"), Claim("u2", "email:a@x.it")]
    assert disputed(claims) == {"email:a@x.it": ["u1", "u2"]}
    assert set(belonging([*claims, Claim("u1", "u2", joins=True)]).values()) == {"u1"}


def test_a_newsletter_reader_becomes_a_customer_with_the_device() -> None:
    claims = [Claim("anonymous:d1", "email:a@x.it"), Claim("u1", "email:a@x.it")]
    assert set(belonging(claims).values()) == {"u1"}


def test_a_device_follows_a_join_of_its_two_people() -> None:
    claims = [Claim("u1", "anonymous:d1"), Claim("u2", "anonymous:d1"), Claim("u2", "u1", joins=True)]
    assert set(belonging(claims).values()) == {"u2"}


@given(CLAIMS, st.randoms())
def test_the_order_plays_no_part(claims: list[Claim], random: object) -> None:
    shuffled = [Claim(c.other, c.one) if not c.joins and random.random() < 0.5 else c for c in claims]  # type: ignore[attr-defined]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert belonging(shuffled) == belonging(claims)
    assert belonging([*claims, *claims]) == belonging(claims)


@given(CLAIMS)
def test_two_customers_become_one_only_where_it_is_said(claims: list[Claim]) -> None:
    made = belonging(claims, IDS)
    joined = belonging([c for c in claims if c.joins], IDS)
    people = {i for i in IDS if i.startswith("u")}
    for one in people:
        for other in people:
            assert (made[one] == made[other]) == (joined[one] == joined[other])


@given(CLAIMS)
def test_nobody_is_lost(claims: list[Claim]) -> None:
    made = belonging(claims, IDS)
    assert set(made) == set(IDS)
    assert all(made[customer] == customer for customer in made.values())


def test_what_a_person_says_is_not_ones_is_the_others() -> None:
    claims = [Claim("u1", "email:a@x.it"), Claim("u2", "email:a@x.it")]
    decided = [Decision("u2", "email:a@x.it", apart=True, turn=1)]
    assert belonging(claims, (), decided)["email:a@x.it"] == "u1"
    assert disputed(claims, decided) == {}


def test_a_person_parts_what_a_source_made_one() -> None:
    claims = [Claim("u1", "u3", joins=True), Claim("u3", "u2", joins=True), Claim("u1", "u4", joins=True)]
    made = belonging(claims, (), [Decision("u1", "u2", apart=True, turn=1)])
    # Whose the one between is, nobody knows; what does not lie between stays.
    assert made == {"u1": "u1", "u4": "u1", "u2": "u2", "u3": "u3"}


def test_of_two_decisions_the_later_holds() -> None:
    one, apart = Decision("u2", "u1", turn=1), Decision("u1", "u2", apart=True, turn=2)
    assert belonging([], (), [one]) == {"u1": "u2", "u2": "u2"}
    assert belonging([], (), [one, apart]) == {"u1": "u1", "u2": "u2"}
    assert belonging([], (), [one, apart._replace(turn=0)]) == {"u1": "u2", "u2": "u2"}


def test_rules_say_what_waits_and_what_unites() -> None:
    claims = [
        Claim("u1", "email:a@x.it"),
        Claim("u2", "email:a@x.it"),
        Claim("u3", "card:7"),
        Claim("u5", "u4", joins=True),
    ]
    rules = Rules(alias=False, belongs=frozenset({1}), unites=frozenset({1}))
    made = belonging(claims, (), (), rules)
    assert made == {
        "u1": "u1",
        "u2": "u1",
        "email:a@x.it": "u1",
        "u3": "u3",
        "card:7": "card:7",
        "u4": "u4",
        "u5": "u5",
    }
    assert disputed(claims, (), rules) == {"card:7": ["u3"]}


@given(CLAIMS, DECIDED, RULES, st.randoms())
def test_the_order_plays_no_part_with_decisions_either(
    claims: list[Claim], decided: list[Decision], rules: Rules, random: Random
) -> None:
    made = belonging(claims, IDS, decided, rules)
    assert all(made[customer] == customer for customer in made.values())
    for several in (claims, decided):
        random.shuffle(several)  # type: ignore[arg-type]
    assert belonging(claims, reversed(IDS), decided, rules) == made


@given(CLAIMS, DECIDED, RULES)
def test_the_last_decision_holds_whatever_sources_say(
    claims: list[Claim], decided: list[Decision], rules: Rules
) -> None:
    for apart in (True, False):
        last = Decision("u1", "email:a@x.it", apart, turn=9)
        made = belonging(claims, IDS, [*decided, last], rules)
        assert (made["u1"] == made["email:a@x.it"]) is not apart


@given(CLAIMS, st.sets(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=4), RULES)
def test_those_apart_stay_apart(claims: list[Claim], pairs: set[tuple[str, str]], rules: Rules) -> None:
    decided = [Decision(one, other, apart=True, turn=1) for one, other in pairs if one != other]
    made = belonging(claims, IDS, decided, rules)
    assert all(made[one] != made[other] for one, other, *_ in decided)


@given(CLAIMS, DECIDED)
def test_a_shared_device_glues_nobody_whatever_else_was_said(claims: list[Claim], decided: list[Decision]) -> None:
    made = belonging([c for c in claims if c.joins], IDS, decided)
    more = belonging([*claims, Claim("u1", "anonymous:d9"), Claim("u2", "anonymous:d9")], IDS, decided)
    assert (more["u1"] == more["u2"]) == (made["u1"] == made["u2"])


@pytest.mark.django_db
@given(st.lists(CLAIMS, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_kept_step_by_step_is_what_all_claims_together_make(acme: Workspace, steps: list[list[Claim]]) -> None:
    with transaction.atomic():
        for claims in steps:
            believed(acme, claims, IDS)
        every = [claim for claims in steps for claim in claims]
        kept = dict(Identity.objects.filter(workspace=acme).values_list("value", "customer"))
        assert {i: kept.get(i, i) for i in IDS} == belonging(every, IDS)
        transaction.set_rollback(True)
