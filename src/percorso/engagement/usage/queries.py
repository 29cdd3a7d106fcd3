"""What the pages about frequency and features ask the facts."""

from dataclasses import dataclass, replace

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.features import COLUMN, EVENT, FeatureQuery, FeatureResult, features
from percorso.analytics.behaviour.frequency import GRAINS, FrequencyQuery, FrequencyResult, Grain, frequency
from percorso.analytics.query import Segment
from percorso.analytics.result import Result
from percorso.analytics.segments import Rule
from percorso.analytics.store import Store
from percorso.engagement import asking
from percorso.engagement.asking import COUNTRY
from percorso.engagement.models import FeatureList
from percorso.insights import queries as figures
from percorso.insights.forms import Choice

FREQUENCY = ("stickiness", "access_frequency")


def question_of(query: FrequencyQuery | FeatureQuery, rule: Rule | None) -> str:
    """Return what tells a question from others."""
    return f"{query!r} of {rule!r}"


def is_ready(workspace: Workspace, choice: Choice, query: FrequencyQuery | FeatureQuery) -> bool:
    """Return whether the answer for the chosen customers is at hand."""
    return asking.is_answered(workspace, question_of(query, asking.rule_in(choice)))


def segment_of(choice: Choice) -> Segment:
    """Return what events must be to count, but for the countries: those are in the rule of the customers."""
    return {name: values for name, values in choice.segment.items() if name != COUNTRY}


def grain_of(choice: Choice) -> Grain:
    """Return the steps of the choice, days at least: nobody's return is counted by the hour."""
    return choice.steps if choice.steps in GRAINS else "day"  # type: ignore[return-value]


def sticky_grain(choice: Choice) -> Grain:
    """Return the steps of stickiness: of one day by itself everybody who came was there on all days."""
    grain = grain_of(choice)
    return "week" if grain == "day" else grain


def frequency_query(workspace: Workspace, choice: Choice) -> FrequencyQuery:
    """Return the question how often the chosen customers come."""
    return FrequencyQuery(workspace.slug, choice.period, grain_of(choice), segment=segment_of(choice))


def frequency_of(workspace: Workspace, choice: Choice) -> FrequencyResult:
    """Return how often the chosen customers come."""
    return frequency_in(workspace, frequency_query(workspace, choice), asking.rule_in(choice))


def frequency_in(workspace: Workspace, query: FrequencyQuery, rule: Rule | None) -> FrequencyResult:
    """Return the answer to a question about frequency of the customers of a rule, kept until the facts change."""

    def make(store: Store) -> FrequencyResult:
        asked = replace(query, as_of=query.as_of or asking.now())
        return frequency(store, asked, asking.customers(store, workspace, rule, asked.as_of or asking.now()))

    found: FrequencyResult = asking.answered(workspace, question_of(query, rule), make)
    return found


def figures_of(workspace: Workspace, choice: Choice) -> tuple[Result, Result]:
    """Return stickiness and active days with their changes, and their series."""
    return figures.with_series(choice.query(workspace, FREQUENCY), sticky_grain(choice))


@dataclass(frozen=True)
class Told:
    """How a workspace tells the use of features, and which ones matter."""

    event: str = EVENT
    column: str = COLUMN
    names: tuple[str, ...] = ()


def told(workspace: Workspace) -> Told:
    """Return how a workspace tells the use of features."""
    found = FeatureList.objects.filter(workspace=workspace).first()
    return Told(found.event, found.column, tuple(found.names)) if found else Told()


def features_query(workspace: Workspace, choice: Choice, known: Told) -> FeatureQuery:
    """Return the question what the chosen customers use, compared with earlier days if the choice says so."""
    return FeatureQuery(
        workspace.slug,
        choice.period,
        choice.before,
        grain_of(choice),
        known.event,
        known.column,
        known.names,
        segment=segment_of(choice),
    )


def features_of(workspace: Workspace, choice: Choice, known: Told) -> FeatureResult:
    """Return what the chosen customers use."""
    return features_in(workspace, features_query(workspace, choice, known), asking.rule_in(choice))


def features_in(workspace: Workspace, query: FeatureQuery, rule: Rule | None) -> FeatureResult:
    """Return the answer to a question about features of the customers of a rule, kept until the facts change."""

    def make(store: Store) -> FeatureResult:
        asked = replace(query, as_of=query.as_of or asking.now())
        return features(store, asked, asking.customers(store, workspace, rule, asked.as_of or asking.now()))

    found: FeatureResult = asking.answered(workspace, question_of(query, rule), make)
    return found


def breadth_of(workspace: Workspace, choice: Choice, known: Told) -> Result:
    """Return which share of the features that matter an active customer uses."""
    options = {"used": known.event, "core": ", ".join(known.names)}
    options["feature_property"] = known.column.removeprefix("properties.")
    return figures.answer(choice.query(workspace, ("adoption_breadth",), options=options))
