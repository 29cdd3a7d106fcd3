"""Funnels and retention cohorts as the specification tells them, one user and one event after the other."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Event = Mapping[str, Any]


def streams(events: list[Event], as_of: datetime) -> dict[str, list[Event]]:
    """Return each user's events by instant, ties by arrival (the list's order)."""
    made: dict[str, list[Event]] = defaultdict(list)
    for e in events:
        user = e.get("customer") or e.get("identity")
        if user is not None and e["at"] <= as_of:
            made[user].append(e)
    return {user: sorted(own, key=lambda e: e["at"]) for user, own in made.items()}


def attempt(own: list[Event], begin: int, steps: list[str], window: timedelta, mode: str) -> list[datetime]:
    """Return when each step that was reached was reached, by the attempt that begins with event number `begin`."""
    start = own[begin]["at"]
    later = [e for e in own[begin + 1 :] if e["at"] <= start + window]
    times = [start]
    if mode == "any":
        done = {own[begin]["name"]}
        for e in later:
            if e["name"] in steps and e["name"] not in done:
                done.add(e["name"])
                times.append(e["at"])
    elif mode == "strict":
        for e, step in zip(later, steps[1:], strict=False):
            if e["name"] != step:
                break
            times.append(e["at"])
    else:
        for e in later:
            if len(times) < len(steps) and e["name"] == steps[len(times)]:
                times.append(e["at"])
    return times


def spoiled(own: list[Event], times: list[datetime], window: timedelta, exclusion: tuple[str, int, int]) -> bool:
    event, a, b = exclusion
    if len(times) < a:
        return False
    end = times[b - 1] if len(times) >= b else times[0] + window
    return any(e["name"] == event and times[a - 1] < e["at"] < end for e in own)


def funnel(
    events: list[Event], steps: list[str], window: timedelta, *, mode: str, anchor: str, as_of: datetime,
    period: tuple[datetime, datetime] | None = None, exclusions: tuple[tuple[str, int, int], ...] = (),
    by: Callable[[Event], str] = lambda e: "",
) -> dict[str, list[tuple[int, float, bool]]]:  # fmt: skip
    """Return, by group, how far each user got, how many seconds were waited, and whether the window is still open."""
    made = defaultdict(list)
    for own in streams(events, as_of).values():
        begins = [
            i for i, e in enumerate(own)
            if (e["name"] in steps if mode == "any" else e["name"] == steps[0])
            and (period is None or period[0] <= e["at"] < period[1])
        ]  # fmt: skip
        tried = [(i, attempt(own, i, steps, window, mode)) for i in (begins[:1] if anchor == "first" else begins)]
        kept = [(i, t) for i, t in tried if not any(spoiled(own, t, window, x) for x in exclusions)]
        if not kept:
            continue
        begin, times = max(kept, key=lambda one: (len(one[1]), -one[0]))
        is_open = times[0] + window > as_of
        end = times[-1] if len(times) == len(steps) else min(times[0] + window, as_of)
        made[by(own[begin])].append((len(times), (end - times[0]).total_seconds(), is_open))
    return dict(made)


def bucket(at: datetime, tz: str, grain: str) -> tuple[int, date]:
    """Return the number and first day of the local bucket of an instant."""
    day = at.astimezone(ZoneInfo(tz)).date()
    if grain == "day":
        return day.toordinal(), day
    if grain == "week":
        monday = day - timedelta(days=day.weekday())
        return monday.toordinal() // 7, monday
    return day.year * 12 + day.month, day.replace(day=1)


def retention(
    events: list[Event], start: str, back: str, *, grain: str, tz: str, kind: str, spans: list[tuple[int, int]],
    as_of: datetime, period: tuple[datetime, datetime],
) -> dict[str, tuple[int, list[int | None]]]:  # fmt: skip
    """Return size and returned users of each cohort; spans are the offsets wanted, (k, k) for one."""
    made: dict[str, list[set[int]]] = defaultdict(list)
    numbers = {}
    for own in streams(events, as_of - timedelta(microseconds=1)).values():
        first = next((e["at"] for e in own if e["name"] == start), None)
        if first is None or not period[0] <= first < period[1]:
            continue
        number, label = bucket(first, tz, grain)
        numbers[label.isoformat()] = number
        made[label.isoformat()].append(
            {bucket(e["at"], tz, grain)[0] - number for e in own if e["name"] == back and e["at"] >= first}
        )
    running = bucket(as_of, tz, grain)[0]
    result = {}
    for label, users in sorted(made.items()):
        cells: list[int | None] = []
        for low, high in spans:
            if kind == "unbounded":
                came = [any(o >= low for o in offsets) for offsets in users]
            else:
                came = [any(low <= o <= high for o in offsets) for offsets in users]
            cells.append(sum(came) if numbers[label] + high < running else None)
        result[label] = (len(users), cells)
    return result
