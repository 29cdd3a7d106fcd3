"""Changes of scorecards and of their evidence."""

from secrets import token_hex
from typing import Any

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.models import Scorecard
from percorso.insights.scorecards.frameworks import FRAMEWORKS
from percorso.insights.scorecards.queries import figure_of_evidence, proposed

SAME = ("pillar", "indicator", "options", "filter")


@transaction.atomic
def make_scorecard(
    workspace: Workspace, *, framework: str, name: str, segment: Segment | None, by: Person
) -> Scorecard:
    """Make a scorecard with the evidence that the facts offer.

    Raises
    ------
    BadQuestion : there is no such framework.
    """
    if framework not in FRAMEWORKS:
        raise BadQuestion(mark("There is no framework {key}."), key=framework)
    evidence = [given | {"id": token_hex(4)} for given in proposed(workspace, framework)]
    made = Scorecard.objects.create(
        workspace=workspace, framework=framework, name=name, segment=segment, evidence=evidence, by=by
    )
    audit.record("scorecard_made", workspace, by=by, target=name, framework=framework)
    return made


@transaction.atomic
def change_scorecard(scorecard: Scorecard, *, name: str, segment: Segment | None, by: Person) -> None:
    """Change name and segment."""
    scorecard.name, scorecard.segment = name, segment
    scorecard.save(update_fields=["name", "segment"])
    audit.record("scorecard_changed", scorecard.workspace, by=by, target=name)


@transaction.atomic
def remove_scorecard(scorecard: Scorecard, *, by: Person) -> None:
    """Take a scorecard away; the facts stay."""
    audit.record("scorecard_removed", scorecard.workspace, by=by, target=scorecard.name)
    scorecard.delete()


def add_proposed(scorecard: Scorecard, *, by: Person) -> int:
    """Add the evidence that the facts offer and the scorecard lacks; return how many pieces that were."""
    offered = proposed(scorecard.workspace, scorecard.framework)
    there = [{name: given[name] for name in SAME} for given in scorecard.evidence]
    new = [given for given in offered if {name: given[name] for name in SAME} not in there]
    if new:
        _save(scorecard, [*scorecard.evidence, *(given | {"id": token_hex(4)} for given in new)], by)
    return len(new)


def add_evidence(scorecard: Scorecard, given: dict[str, Any], *, by: Person) -> None:
    """Add a figure that speaks for a pillar. `given`: see `Scorecard.evidence`.

    Raises
    ------
    BadQuestion : see `refuse_wrong_evidence`.
    """
    refuse_wrong_evidence(scorecard, given)
    _save(scorecard, [*scorecard.evidence, given | {"id": token_hex(4)}], by)


def change_evidence(scorecard: Scorecard, id: str, given: dict[str, Any], *, by: Person) -> None:
    """Change a piece of evidence.

    Raises
    ------
    BadQuestion : see `refuse_wrong_evidence`.
    """
    refuse_wrong_evidence(scorecard, given)
    _save(scorecard, [given | {"id": id} if each["id"] == id else each for each in scorecard.evidence], by)


def remove_evidence(scorecard: Scorecard, id: str, *, by: Person) -> None:
    """Take a piece of evidence away."""
    _save(scorecard, [each for each in scorecard.evidence if each["id"] != id], by)


def refuse_wrong_evidence(scorecard: Scorecard, given: dict[str, Any]) -> None:
    """Check that a figure can speak for a pillar.

    Raises
    ------
    BadQuestion : no such pillar or indicator, both ends the same, a weight that is not above 0, or a filter that the
        indicator does not have.
    """
    if FRAMEWORKS[scorecard.framework].pillar(given["pillar"]) is None:
        raise BadQuestion(mark("There is no pillar {key}."), key=given["pillar"])
    if given["indicator"] not in INDICATORS:
        raise BadQuestion(mark("There is no indicator {key}."), key=given["indicator"])
    if missing := [c for c in INDICATORS[given["indicator"]].always_by if c not in given["filter"]]:
        raise BadQuestion(mark("{key} needs a filter by {column}."), key=given["indicator"], column=missing[0])
    if given["bad"] == given["good"]:
        raise BadQuestion(mark("The value for 0 and the value for 100 are the same. Give two different ones."))
    if not given["weight"] > 0:
        raise BadQuestion(mark("Give a weight above 0."))
    figure_of_evidence(scorecard.workspace, given)


@transaction.atomic
def _save(scorecard: Scorecard, evidence: list[dict[str, Any]], by: Person) -> None:
    scorecard.evidence = evidence
    scorecard.save(update_fields=["evidence"])
    audit.record("scorecard_changed", scorecard.workspace, by=by, target=scorecard.name, evidence=len(evidence))
