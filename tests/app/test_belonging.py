"""Which customer each identity is: the same whatever came first, and nobody is made one person with somebody else."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from percorso.accounts.models import Workspace
from percorso.customers.identity.belonging import Claim, belonging, disputed
from percorso.customers.identity.book import believed
from percorso.customers.models import Identity

IDS = ("u1", "u2", "u3", "email:a@x.it", "email:b@x.it", "phone:+55119", "anonymous:d1", "anonymous:d2", "anonymous:d3")
CLAIMS = st.lists(st.builds(Claim, st.sampled_from(IDS), st.sampled_from(IDS), st.booleans()), max_size=12)


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
