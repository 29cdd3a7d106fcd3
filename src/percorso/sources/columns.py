"""Suggests what each column of a file is, from its name and its values, and says why."""

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from percorso.i18n import mark
from percorso.sources.corrections import scale_of
from percorso.sources.mapping import AS_TOLD, Mapping, Score
from percorso.sources.metrics import METRICS
from percorso.sources.profiles import CLOCK, EMAIL, Profile
from percorso.sources.report import Message
from percorso.sources.roles import COMMENT, DATES, DURATIONS, KINDS, MONEY, ROLES, SCORE, TIME, Unit, units_of
from percorso.sources.values import Decimal, amounts
from percorso.sources.words import (
    CENT_WORDS,
    COMMENT_WORDS,
    DURATION_WORDS,
    METRIC_WORDS,
    ROLE_WORDS,
    UNIT_WORDS,
    language_of,
    likeness,
    phrases,
)

NUMBERS = {name for name, kind in KINDS.items() if kind in ("number", "integer")} - {SCORE}
FLAGS = {name for name, kind in KINDS.items() if kind == "flag"}
LABELS = {"channel", "touchpoint", "survey", "language", "population", "team", "status", "priority", "initiated_by"}
SURE = 0.55
# Files of these are exports of surveys and help desks, whose columns are called anything; of others only whole names count.
OPEN = ("answers", "tickets")
# What even their columns are only called when they are it.
AS_CALLED = ["identity", "interaction", "scale_min", "scale_max", "polarity"]
# A date of birth or of purchase is not when somebody answered.
OTHER_DATES = {"birth", "birthday", "born", "purchase", "purchased", "nascimento", "compra", "nascita", "acquisto"}

BY_NAME = mark("its name")
BY_NAME_AND_VALUES = mark("its name and its values")
BY_VALUES = mark("its values alone")
NO_ROLE = mark("nothing tells; it is kept as a property")


@dataclass(frozen=True)
class Suggestion:
    """What a column probably is: a role, how sure that is (0 to 1) and why. No role: it is kept as a property."""

    column: str
    role: str | None
    confidence: float
    reason: Message
    examples: list[str] = field(default_factory=list)


@dataclass
class Suggested:
    """A suggested mapping, column by column, and what a person should look at."""

    mapping: Mapping
    columns: list[Suggestion]
    warnings: list[Message] = field(default_factory=list)


Candidate = tuple[float, str, str]  # confidence, role, reason


def suggest(frame: pl.DataFrame, table: str, zone: str = "UTC") -> Suggested:
    """Suggest what the columns of a file are.

    Parameters
    ----------
    frame : its first records. table : the fact table. zone : whose clock shows times without a zone.

    Returns
    -------
    Suggested : a role goes to the column it fits best, and a column has one role at most. Several columns may be scores
        or comments. By values alone a role is only given when one column fits and none was named like it. A column
        that is called like a role has it, whatever its values.
    """
    profiles = {name: Profile.of(frame[name]) for name in frame.columns}
    by_row = table == "answers" and {"metric", SCORE} <= {name.casefold() for name in profiles}
    ranked = sorted(
        ((*c, name) for name, profile in profiles.items() for c in _candidates(profile, table, by_row)),
        key=lambda c: -c[0],
    )
    taken: dict[str, Candidate] = {}
    roles: dict[str, str] = {}
    for confidence, role, reason, name in ranked:
        several = role in (SCORE, COMMENT) and not by_row
        if name in taken or (role in roles and not several) or confidence < SURE:
            continue
        taken[name], roles[role] = (confidence, role, reason), name
    for role in _told_alone(table, by_row):
        alone = [n for n, p in profiles.items() if n not in taken and _fits_alone(role, p)] if role not in roles else []
        if len(alone) == 1:
            taken[alone[0]], roles[role] = (0.4, role, BY_VALUES), alone[0]
    return _mapping(table, zone, profiles, taken)


def _told_alone(table: str, by_row: bool) -> tuple[str, ...]:
    """The roles that a table's columns may have by their values alone."""
    if table == "answers" and not by_row:
        return (TIME[table], SCORE, "customer", COMMENT)
    return ("customer",) if table == "customers" else (TIME[table], "customer")


def _called(profile: Profile, table: str, by_row: bool) -> list[Candidate]:
    """The role that a column is called, letter by letter or with a unit behind it."""
    roles = [*ROLES[table]] if by_row or table not in OPEN else AS_CALLED
    for words in (profile.words, _without_unit(profile.words)):
        if (name := "_".join(words)) in roles and name != COMMENT:
            return [(1.0, name, BY_NAME)]
    return []


def _without_unit(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(w for w in words if unit_of((w,)) is None and not likeness((w,), CENT_WORDS))


def _candidates(profile: Profile, table: str, by_row: bool) -> list[Candidate]:
    if found := _called(profile, table, by_row):
        return found
    for role, words in ROLE_WORDS[table].items():
        if role not in ROLES[table] or (table not in OPEN and _without_unit(profile.words) not in phrases(words)):
            continue
        like = likeness(profile.words if table in OPEN else _without_unit(profile.words), words)
        if like and (fit := _fit(role, profile)):
            found.append((like * fit, role, BY_NAME_AND_VALUES if role in DATES | NUMBERS | {"id"} else BY_NAME))
    if table not in OPEN or by_row:
        return found
    for role, words in DURATION_WORDS.items() if table == "tickets" else ():
        like = likeness(tuple(w for w in profile.words if unit_of((w,)) is None), words)
        if like and profile.date_share < 0.5 and max(profile.number_share, profile.share_of(CLOCK)) > 0.8:
            found.append((like, role, BY_NAME_AND_VALUES))
    if profile.is_scale and (named := _metric(profile)):
        found.append((named[0], "score", BY_NAME_AND_VALUES))
    if (like := likeness(profile.words, COMMENT_WORDS)) and profile.number_share < 0.5 and profile.date_share < 0.5:
        found.append((like, "comment", BY_NAME))
    return found


def _fit(role: str, profile: Profile) -> float:
    """How well a column's values go with a role that its name suggests, 0 to 1."""
    if not profile.filled:
        return 0.7 if role in LABELS else 0.0
    if role in DATES:
        return 1.0 if profile.date_share >= 0.8 and not set(profile.words) & OTHER_DATES else 0.0
    if role in MONEY:
        bad = amounts(profile.values, ".", pl.Series([2]).new_from_index(0, profile.filled)).bad
        return 1.0 if int(bad.sum()) <= 0.2 * profile.filled else 0.0
    if role in NUMBERS:
        return 1.0 if profile.number_share >= 0.8 else 0.0
    if role == "id":
        return 1.0 if profile.filled == profile.records and profile.distinct >= 0.9 * profile.filled else 0.0
    if role in FLAGS:
        return 1.0 if profile.flag_share >= 0.8 else 0.0
    if role in LABELS:
        few = profile.distinct <= max(30, profile.filled * 0.2)
        return (1.0 if few else 0.5) * (0.3 if profile.date_share > 0.5 else 1.0)
    return 0.3 if profile.date_share > 0.5 and role != "topic" else 1.0


def _fits_alone(role: str, profile: Profile) -> bool:
    if role in DATES:
        return profile.date_share >= 0.95 and bool(_fit(role, profile))
    if role == "customer":
        return profile.share_of(EMAIL) >= 0.8
    if role == "comment":
        return profile.length >= 25 and profile.distinct >= 0.5 * profile.filled and profile.date_share < 0.5
    return profile.is_scale and profile.distinct >= 3


def _metric(profile: Profile) -> tuple[float, str] | None:
    found = [(likeness(profile.words, words), metric) for metric, words in METRIC_WORDS.items()]
    best = max(found)
    return best if best[0] else None


def unit_of(words: tuple[str, ...]) -> Unit | None:
    """Return the unit of time that a column's name holds."""
    for unit, listed in UNIT_WORDS.items():
        if any(likeness((word,), listed) for word in words):
            return unit  # type: ignore[return-value]
    return None


def _mapping(table: str, zone: str, profiles: dict[str, Profile], taken: dict[str, Candidate]) -> Suggested:
    mapping = Mapping(table=table, zone=zone)
    warnings: list[Message] = []
    columns = []
    for name, profile in profiles.items():
        confidence, role, reason = taken.get(name, (0.0, None, NO_ROLE))
        columns.append(Suggestion(name, role, round(confidence, 2), Message(reason), profile.examples))
        if role is None:
            continue
        if reason == BY_VALUES:
            warnings.append(Message(mark("{column} is taken for {role} by its values alone. If that is wrong, say which column is: --map {role}=COLUMN."), {"column": name, "role": role}))  # fmt: skip
        if role == "id" and profile.distinct < profile.filled:
            warnings.append(Message(mark("{column} is taken for the id, but some of its values come more than once: of those records only the last will count. If each is a record of its own, give another column, or none: --map id="), {"column": name, "role": role}))  # fmt: skip
        if role == SCORE:
            by_row = reason == BY_NAME
            mapping.scores.append(_told_by_row(name) if by_row else score_of(profile, warnings))
        elif role == COMMENT:
            mapping.comments.append(name)
        else:
            mapping.columns[role] = name
            if unit := _unit(role, profile, warnings):
                mapping.units[role] = unit
    mapping.decimal = _decimal(profiles, mapping)
    return Suggested(mapping, columns, warnings)


def _told_by_row(column: str) -> Score:
    return Score(column=column, metric=AS_TOLD, low=None, high=None)


def fitted(found: Suggested, given: Mapping, frame: pl.DataFrame, units: Collection[str]) -> list[Message]:
    """Complete a suggestion for columns that a person gave roles to: units of their numbers, the decimal sign.

    Parameters
    ----------
    given : the suggestion with the person's corrections. frame : the file's first records. units : roles whose unit
        the person said.

    Returns
    -------
    list of Message : what to look at.
    """
    warnings: list[Message] = []
    for role, column in given.columns.items():
        moved = found.mapping.columns.get(role) != column and role not in units
        if moved and (unit := _unit(role, Profile.of(frame[column]), warnings)):
            found.mapping.units[role] = unit
    found.mapping.decimal = _decimal({name: Profile.of(frame[name]) for name in frame.columns}, given)
    return warnings


def _decimal(profiles: dict[str, Profile], mapping: Mapping) -> Decimal:
    """The decimal sign: what the amounts show, else what the language of the columns' names uses."""
    money = [profiles[mapping.columns[role]].values for role in MONEY if role in mapping.columns]
    texts = [values for values in money if values.dtype == pl.String]
    comma, point = (sum(int(t.str.contains(rf"{sign}\d{{1,2}}\D*$").sum()) for t in texts) for sign in (",", r"\."))
    if comma != point:
        return "," if comma > point else "."
    return "," if language_of(list(profiles)) else "."


def _unit(role: str, profile: Profile, warnings: list[Message]) -> Unit | None:
    """The unit of a column's numbers, told by its name or guessed; None for a role whose numbers have none."""
    if role in MONEY:
        return _money_unit(role, profile, warnings)
    if role not in DURATIONS or profile.share_of(CLOCK) >= 0.5:
        return None
    words = profile.words
    if role in DURATION_WORDS:
        return unit_of(words) or _guessed_unit(role, profile.name, warnings)
    return unit_of(words) or units_of(role)[0]


def _money_unit(role: str, profile: Profile, warnings: list[Message]) -> Unit:
    if any(likeness((word,), CENT_WORDS) for word in profile.words):
        return "minor"
    texts = profile.values.cast(pl.String)
    if profile.filled and not int(texts.str.contains("[.,]").sum()):
        warnings.append(Message(
            mark("{column} holds whole numbers only, and they are read as whole amounts: {first} is {first}.00. If they are in cents, say so: --unit {role}=minor."),
            {"column": profile.name, "first": texts[0], "role": role, "settings": ("unit",)},
        ))  # fmt: skip
    return "major"


def _guessed_unit(role: str, name: str, warnings: list[Message]) -> Unit:
    warnings.append(Message(mark("{column} is read as minutes. If it is in hours, say so: --unit {role}=hours."), {"column": name, "role": role, "settings": ("unit",)}))  # fmt: skip
    return "minutes"


def score_of(profile: Profile, warnings: list[Message]) -> Score:
    """Return what a score column measures and on which scale, by its name and its values.

    A warning names the setting that answers it, so that it is not said again to who gave that.
    """
    metric = (_metric(profile) or (0, "csat"))[1]
    values = profile.numbers.filter(profile.numbers.is_between(0, 10))
    least, most = (float(values.min() or 0), float(values.max() or 0)) if len(values) else (1.0, 5.0)  # type: ignore[arg-type]
    written = scale_of(profile.name)
    low, high = written or _scale(metric, least, most)
    score = Score(column=profile.name, metric=metric, low=low, high=high)

    def warn(template: str, *settings: str, **params: str) -> None:
        warnings.append(Message(template, {"column": profile.name, "low": f"{low:g}", "high": f"{high:g}", "settings": settings, **params}))  # fmt: skip

    if outside := sorted(set(profile.numbers.filter(~profile.numbers.is_between(low, high)).to_list())):
        warn(
            mark("{column} holds {values}, which is not on the scale {low}-{high}. If it means no answer, say so: --blank {first}. If the scale is another, give --scale."),
            "blank", "scale", values=", ".join(f"{v:g}" for v in outside[:5]), first=f"{outside[0]:g}",
        )  # fmt: skip
    if metric == "csat" and high == 10 and written is None:
        warn(
            mark("{column} is taken for satisfaction from {low} to 10. If it asks whether one would recommend, give --metric nps."),
            "metric",
        )  # fmt: skip
    if metric == "ces" and high <= 5:
        score.polarity = "lower"
        warn(
            mark("{column} is taken for effort where a low score is good. If a high one is good, give --polarity higher."),
            "polarity",
        )  # fmt: skip
    return score


def _scale(metric: str, least: float, most: float) -> tuple[float, float]:
    usual = METRICS[metric]
    if metric not in ("ces", "csat", "sps") and usual.low is not None and usual.high is not None:
        return usual.low, usual.high
    if metric == "ces":
        return (1, 5) if most <= 5 else (1, 7)
    if most <= 5:
        return 1, 5
    return (1, 7) if most <= 7 and least >= 1 else ((0 if least == 0 else 1), 10)
