"""The contact policy as plain values: what it lets out, why it does not, and what holds over any schedule."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.outreach.ledger import Cap, Caps, Sent
from percorso.outreach.line import Ask, Decision, Waiting
from percorso.outreach.policy import REASONS, Policy, decide, drawn

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def ask(key: str = "a", **more: Any) -> Ask:
    return Ask(**({"key": key, "channel": "email", "purpose": "survey", "address": "ana@x.test", "customer": "c1", "reference": f"survey:{key}"} | more))  # fmt: skip


def sent(days_ago: float, **more: Any) -> Sent:
    given = {"customer": "c1", "address": "ana@x.test", "channel": "email", "reference": "survey:old"}
    return Sent(**(given | {"at": NOW - DAY * days_ago} | more))


def capped(most: int = 2, days: int = 30, **channels: tuple[int, int]) -> Policy:
    return Policy(Caps(Cap(most, days), {name: Cap(*cap) for name, cap in channels.items()}))


def one(policy: Policy, wanted: Ask, *before: Sent, **more: Any) -> Decision:
    decision = decide(policy, [wanted], before, NOW, **more)[0]
    if decision.because:
        REASONS[decision.because].format(**decision.details, **{k: "" for k in ("until",) if k not in decision.details})
    return decision


def test_the_first_rule_that_says_no_is_the_reason() -> None:
    policy = capped(2, 30, email=(1, 7))
    everything = [sent(1), sent(2)]
    assert one(policy, ask(address="")).because == "no_address"
    wanted = ask("old", gap_days=90, share=0.0, words="w")
    barred = {"old": ("bounced", {})}
    assert one(policy, wanted, *everything, barred=barred).because == "bounced"
    assert one(policy, wanted, sent(0.4, words="w"), *everything).because == "identical"
    assert one(policy, wanted, *everything).because == "cap"
    assert one(policy, wanted, sent(1)).because == "channel_cap"
    assert one(policy, wanted, sent(8)).because == "gap"
    assert one(policy, ask("new", share=0.0), sent(8)).because == "sample"
    assert one(policy, ask("new"), sent(8)).allowed


def test_a_cap_counts_what_went_to_the_customer_or_the_address_by_any_channel_and_rolls() -> None:
    policy = capped(2, 30)
    sms = sent(3, channel="sms", address="+39333")
    other = sent(29, customer="", address="ana@x.test")
    refused = one(policy, ask(), sms, other)
    assert (refused.because, refused.details) == ("cap", {"most": 2, "days": 30, "sent": 2})
    assert refused.wait_until == NOW + DAY
    assert one(policy, ask(), sms, sent(30)).allowed, "thirty days ago counts no more"
    assert one(policy, ask(), sms, sent(2, exempt=True)).allowed, "reminders do not count"
    assert one(policy, ask(exempt=True), sms, other).allowed, "nor are they held"
    assert one(policy, ask(exempt=True), barred={"a": ("unsubscribed", {})}).because == "unsubscribed"


def test_a_survey_goes_by_its_own_clock() -> None:
    refused = one(capped(9), ask("nps", gap_days=90), sent(60, reference="survey:nps"))
    assert (refused.because, refused.wait_until) == ("gap", NOW + 30 * DAY)
    assert one(capped(9), ask("nps", gap_days=90), sent(60, reference="survey:nps", exempt=True)).allowed
    assert one(capped(9), ask("nps", gap_days=90), sent(90, reference="survey:nps")).allowed
    held = one(capped(1), ask("nps", gap_days=90), sent(60, reference="survey:nps"), sent(5))
    assert (held.because, held.wait_until, held.place) == ("cap", NOW + 30 * DAY, None), "not its turn: no place"


def test_the_same_words_go_out_once_in_twelve_hours() -> None:
    assert one(capped(9), ask(words="w"), sent(0.49, words="w")).because == "identical"
    assert one(capped(9), ask(words="w", exempt=True), sent(0.49, words="w")).because == "identical"
    assert one(capped(9), ask(words="w"), sent(0.5, words="w")).allowed
    assert one(capped(9), ask(words="w"), sent(0.1, words="w", address="other@x.test")).allowed
    twice = decide(capped(9), [ask("a", words="w"), ask("b", words="w")], [], NOW)
    assert [d.because for d in twice] == ["", "identical"]


def test_a_lot_stays_when_it_is_drawn_again() -> None:
    people = [ask(str(i), customer=f"c{i}", reference="survey:x", gap_days=90, share=0.3) for i in range(4000)]
    first = [drawn(a, NOW) for a in people]
    assert 0.27 < sum(first) / len(first) < 0.33
    assert first == [drawn(a, NOW + DAY) for a in people]
    later = [drawn(a, NOW + 90 * DAY) for a in people]
    assert 0.05 < sum(a and b for a, b in zip(first, later, strict=True)) / len(first) < 0.13
    loser = people[first.index(False)]
    refused = one(capped(9), loser)
    assert (refused.because, refused.wait_until) == ("sample", None)


def test_the_higher_priority_goes_first_and_the_other_waits_at_its_place() -> None:
    small, nps = ask("small", priority=3), ask("nps", priority=8, gap_days=90)
    a, b = decide(capped(1), [small, nps], [], NOW)
    assert (a.because, a.details, a.wait_until) == ("queue", {"before": "survey:nps"}, NOW + 30 * DAY)
    assert b.allowed
    assert a.place is not None


def test_a_slow_survey_that_waits_keeps_its_place_against_every_fast_one() -> None:
    policy = capped(1)
    quick, nps = ask("quick", priority=9, gap_days=7), ask("nps", priority=1, gap_days=90)
    first, second = decide(policy, [quick, nps], [], NOW)
    assert first.allowed
    assert second.place is not None
    then = NOW + 30 * DAY
    before = [Sent("c1", "ana@x.test", "email", NOW, "survey:quick")]
    held = decide(policy, [quick], before, then, waiting=[second.place])[0]
    assert (held.because, held.details) == ("queue", {"before": "survey:nps"}), "asked alone, and a moment before"
    both = decide(policy, [quick, nps], before, then, waiting=[second.place])
    assert [d.allowed for d in both] == [False, True]


def test_priority_overtakes_whoever_waits_while_its_turn_in_time_is_sure() -> None:
    policy = capped(2)
    place = Waiting("c1", "ana@x.test", "email", "survey:nps", 90, 1, NOW - DAY, NOW + 9 * DAY)
    before = [sent(29.5), sent(20)]
    assert one(policy, ask("quick", priority=9), *before[1:], waiting=[place]).allowed
    late = Waiting("c1", "ana@x.test", "email", "survey:nps", 90, 1, NOW - 29 * DAY, NOW + 9 * DAY)
    assert one(policy, ask("quick", priority=9), *before[1:], waiting=[late]).because == "queue"
    assert one(policy, ask("nps", priority=1, gap_days=90), *before[1:], waiting=[late]).allowed


def test_a_place_is_given_to_others_when_nobody_comes_for_it() -> None:
    place = Waiting("c1", "ana@x.test", "email", "survey:nps", 90, 9, NOW - 40 * DAY, NOW - DAY)
    assert one(capped(1), ask("quick"), waiting=[place]).allowed


def test_nothing_goes_out_at_night() -> None:
    policy = Policy(Caps(), 8, 20, "Europe/Rome")
    night = datetime(2026, 3, 2, 21, tzinfo=UTC)
    assert decide(policy, [ask()], [], night)[0].wait_until == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert decide(policy, [ask()], [], NOW)[0].wait_until is None
    assert policy.opening(datetime(2026, 3, 29, 0, 30, tzinfo=UTC)) == datetime(2026, 3, 29, 6, tzinfo=UTC), "summer"


SMALL = st.tuples(st.integers(0, 60), st.integers(0, 9), st.sampled_from(["email", "sms"]), st.integers(0, 23), st.integers(1, 5))  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3), st.integers(5, 30), st.none() | st.tuples(st.integers(1, 2), st.integers(3, 30)),
    st.lists(SMALL, max_size=6), st.integers(0, 9), st.integers(0, 23), st.booleans(), st.randoms(use_true_random=False),
)  # fmt: skip
def test_over_any_schedule_caps_hold_and_the_quarterly_survey_is_asked_of_everybody(
    most: int, days: int, own: tuple[int, int] | None, small: list[tuple[int, int, str, int, int]],
    priority: int, hour: int, together: bool, dice: Any,
) -> None:  # fmt: skip
    """Small surveys of any priority come as they like; the quarterly one asks once a day, at its hour, until it may."""
    caps = Caps(Cap(most, days), {"email": Cap(*own)} if own else {})
    run = Schedule(Policy(caps))
    people = ("c1", "c2")
    for day in range(220):
        for at in range(24):
            asks = [
                ask(f"s{i}", gap_days=gap, priority=p, channel=channel, customer=who, address=f"{who}@x.test")
                for i, (gap, p, channel, when, every) in enumerate(small)
                for who in people
                if at == (hour if together else when) and dice.randrange(every) == 0
            ]
            asks += [
                ask("nps", gap_days=90, priority=priority, customer=who, address=f"{who}@x.test")
                for who in people
                if at == hour
            ]
            run.ask(asks, NOW + day * DAY + timedelta(hours=at))
    for who in people:
        run.holds(caps, who)
        asked = [
            NOW + timedelta(hours=hour),
            *(s.at for s in run.sent if s.customer == who and s.reference == "survey:nps"),
        ]
        bound = 90 * DAY + caps.period("email")
        assert len(asked) > 1
        assert asked[1] - asked[0] <= caps.period("email"), "the first time it waits one period at most"
        assert all(b - a <= bound for a, b in pairwise(asked[1:]))
        assert asked[-1] + bound > NOW + 219 * DAY


class Schedule:
    """Decides round by round, and keeps what the database would."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.sent: list[Sent] = []
        self.places: dict[tuple[str, str], Waiting] = {}

    def ask(self, asks: list[Ask], now: datetime) -> None:
        wanted = [Ask(**(vars(a) | {"key": f"{a.key} {a.customer}"})) for a in asks]
        if not wanted:
            return
        decisions = decide(self.policy, wanted, self.sent, now, waiting=self.places.values())
        backwards = decide(self.policy, wanted[::-1], self.sent[::-1], now, waiting=list(self.places.values())[::-1])
        assert decisions == backwards[::-1], "the order in which they are given changes nothing"
        for a, decision in zip(wanted, decisions, strict=True):
            self.places.pop((a.reference, a.customer), None)
            if decision.allowed:
                self.sent.append(Sent(a.customer, a.address, a.channel, now, a.reference))
            else:
                assert decision.because in REASONS
                assert decision.wait_until is None or decision.wait_until > now
            if decision.place:
                self.places[a.reference, a.customer] = decision.place

    def holds(self, caps: Caps, who: str) -> None:
        """Every message of a person begins a period in which no cap is exceeded."""
        by: dict[str, list[datetime]] = defaultdict(list)
        for one in self.sent:
            if one.customer == who:
                by[""].append(one.at)
                by[one.channel].append(one.at)
        for name, cap in (("", caps.overall), *caps.channels.items()):
            assert cap is not None
            for start in by[name]:
                assert sum(start <= t < start + cap.period for t in by[name]) <= cap.most


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_says_itself(reason: str) -> None:
    assert len(REASONS[reason]) <= 120
