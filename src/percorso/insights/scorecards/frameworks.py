"""The frameworks: their pillars, and which figures may speak for each where the facts have them."""

from dataclasses import dataclass, field
from typing import Any

from percorso.i18n import mark

HOUR = 3600.0


@dataclass(frozen=True)
class Evidence:
    """A figure that may speak for a pillar: `bad` counts as 0, `good` as 100; None takes the end of its range."""

    indicator: str
    options: dict[str, Any] = field(default_factory=dict)
    filter: dict[str, list[str]] = field(default_factory=dict)
    bad: float | None = None
    good: float | None = None


@dataclass(frozen=True)
class Pillar:
    """One pillar: its key (answers about it carry it as their aspect), name, question, and what may speak for it."""

    key: str
    label: str
    about: str
    usual: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Framework:
    """A way of looking at the whole experience."""

    label: str
    about: str
    pillars: tuple[Pillar, ...]

    def pillar(self, key: str) -> Pillar | None:
        """Return the pillar of a key; None when there is none."""
        return next((pillar for pillar in self.pillars if pillar.key == key), None)


def _see(pillar: str) -> Evidence:
    return Evidence("see_index", {"pillars": pillar})


def _six(pillar: str) -> Evidence:
    return Evidence("six_pillars_index", {"pillars": pillar})


def _at(touchpoint: str) -> Evidence:
    return Evidence("csat", filter={"touchpoint": [touchpoint]})


ANSWER_TIME = Evidence("first_response_time", bad=24 * HOUR, good=0.0)

FRAMEWORKS: dict[str, Framework] = {
    "three_pillars": Framework(
        mark("Three pillars"),
        mark("Success, effort and emotion: could customers do what they wanted, how easily, and how did it feel?"),
        (
            Pillar("success", mark("Success"), mark("Did customers reach what they came for?"), (_see("success"), Evidence("task_success_rate"), Evidence("fcr"))),
            Pillar("effort", mark("Effort"), mark("How easy was it?"), (_see("effort"), Evidence("ces"))),
            Pillar("emotion", mark("Emotion"), mark("How did it feel?"), (_see("emotion"), Evidence("net_sentiment"), Evidence("nps"))),
        ),
    ),
    "six_pillars": Framework(
        mark("Six pillars"),
        mark("Personalisation, integrity, expectations, resolution, time and effort, empathy."),
        (
            Pillar("personalization", mark("Personalisation"), mark("Are customers treated as who they are?"), (_six("personalization"),)),
            Pillar("integrity", mark("Integrity"), mark("Do we do what we say, and can customers trust us?"), (_six("integrity"), Evidence("review_rating"))),
            Pillar("expectations", mark("Expectations"), mark("Is it as customers expected?"), (_six("expectations"), Evidence("sla_compliance"))),
            Pillar("resolution", mark("Resolution"), mark("Are problems solved?"), (_six("resolution"), Evidence("fcr"), Evidence("reopen_rate", bad=0.25))),
            Pillar("time_effort", mark("Time and effort"), mark("How much time and effort does it cost?"), (_six("time_effort"), Evidence("ces"), ANSWER_TIME)),
            Pillar("empathy", mark("Empathy"), mark("Do customers feel understood?"), (_six("empathy"),)),
        ),
    ),
    "five_e": Framework(
        mark("Five E"),
        mark("The stages of a visit: entice, enter, engage, exit, extend."),
        (
            Pillar("entice", mark("Entice"), mark("Do people want to come?"), (Evidence("referral_rate", good=0.2), Evidence("promoter_advocacy_rate", good=0.2))),
            Pillar("enter", mark("Enter"), mark("Do they get in easily?"), (Evidence("conversion_rate", good=0.5), Evidence("activation_rate"))),
            Pillar("engage", mark("Engage"), mark("Is it good while they are here?"), (Evidence("stickiness", good=0.5), _at("support"), Evidence("ces"))),
            Pillar("exit", mark("Exit"), mark("Does it end well?"), (_at("delivery"), Evidence("sla_compliance"))),
            Pillar("extend", mark("Extend"), mark("Do they come back and tell others?"), (Evidence("repeat_purchase_rate"), Evidence("nps"), Evidence("retention_rate"))),
        ),
    ),
    "five_c": Framework(
        mark("Five C"),
        mark("Centrality, consistency, communication, customization, culture."),
        (
            Pillar("centrality", mark("Centrality"), mark("Does the customer stand in the middle?"), (Evidence("nps"), Evidence("closed_loop_rate"))),
            Pillar("consistency", mark("Consistency"), mark("Is it the same everywhere, as promised?"), (Evidence("channel_consistency_gap"), Evidence("sla_compliance"))),
            Pillar("communication", mark("Communication"), mark("Do we answer, and in time?"), (ANSWER_TIME, Evidence("service_level"))),
            Pillar("customization", mark("Customization"), mark("Does it fit the single customer?"), (_six("personalization"),)),
            Pillar("culture", mark("Culture"), mark("Do the people who serve stand behind it?"), (Evidence("enps"),)),
        ),
    ),
    "phases": Framework(
        mark("Discovery, engagement, delivery"),
        mark("The three components of an experience: being found, being used, being delivered."),
        (
            Pillar("discovery", mark("Discovery"), mark("Do people find us and what they look for?"), (Evidence("conversion_rate", good=0.5), Evidence("referral_rate", good=0.2))),
            Pillar("engagement", mark("Engagement"), mark("Do they get on with us?"), (Evidence("activation_rate"), Evidence("stickiness", good=0.5), _at("support"), Evidence("ces"))),
            Pillar("delivery", mark("Delivery"), mark("Do they get what they were promised?"), (_at("delivery"), Evidence("sla_compliance"))),
        ),
    ),
}  # fmt: skip

# What people may be asked about one pillar, besides: answers that carry it as their aspect.
ASKED = ("csat", "ces", "nps_aspect")
