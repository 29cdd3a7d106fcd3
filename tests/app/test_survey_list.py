"""The list of surveys: where each is asked, how many answered lately, what anonymity keeps to itself."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base import fact_outbox
from percorso.surveys.facts import facts_of
from percorso.surveys.models import Response, Survey
from percorso.surveys.results.actions import with_all
from tests.app.answered import answer, everything


def listed(client: Client, workspace: Workspace, name: str) -> str:
    """Return the line of a survey as somebody reads it, with its drawing as `<svg`."""
    html = client.get(reverse("surveys", args=[workspace.slug])).content.decode()
    line = next(row for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL) if name in row)
    return re.sub(r"\s+", " ", re.sub(r"<(?!svg)[^>]+>", " ", line))


def days_ago(survey: Survey, *ages: int) -> None:
    """Answer once that many days ago each."""
    for age in ages:
        given = answer(survey, nps=9)
        Response.objects.filter(pk=given.pk).update(completed_at=timezone.now() - timedelta(days=age))
        fact_outbox.put(survey.workspace.slug, facts_of(with_all().get(pk=given.pk)))
    fact_outbox.load()


def test_a_touchpoint_is_shown_by_its_name(members: Workspace, alice: Client) -> None:
    for name, touchpoint in (("Known", "delivery"), ("Own", "Pop-up shop")):
        made = everything(members, touchpoint=touchpoint)
        Survey.objects.filter(pk=made.pk).update(name=name)
    alice.post(reverse("set_language"), {"language": "pt-br"})
    assert "Entrega" in listed(alice, members, "Known")
    assert "Pop-up shop" in listed(alice, members, "Own")
    alice.post(reverse("set_language"), {"language": "en"})
    assert "Delivery" in listed(alice, members, "Known")


def test_answers_of_the_last_four_weeks_are_counted_and_drawn(members: Workspace, bob: Client) -> None:
    survey = everything(members)
    assert "<svg" not in listed(bob, members, survey.name)
    days_ago(survey, 0, 1, 1, 27, 28, 40)
    line = listed(bob, members, survey.name)
    assert re.search(r" 6 4 <svg", line), line


def test_the_times_of_an_anonymous_survey_are_not_told(members: Workspace, bob: Client) -> None:
    survey = everything(members, anonymous=True, least_answers=3)
    assert "No answers yet" in listed(bob, members, survey.name)
    days_ago(survey, 0, 1, 2, 3)
    line = listed(bob, members, survey.name)
    assert "<svg" not in line
    assert "not told" in line
    assert str(timezone.now().year) not in line


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_a_fixed_number_of_queries(
    members: Workspace, bob: Client, n: int, django_assert_num_queries: Any
) -> None:
    for _ in range(n):
        days_ago(everything(members), 0, 1)
    listed(bob, members, "How are we doing?")
    with django_assert_num_queries(7):
        listed(bob, members, "How are we doing?")
