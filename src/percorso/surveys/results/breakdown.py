"""Question by question: what was answered how often, ready for a template."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from babel.dates import format_skeleton
from django.utils.translation import gettext, pgettext

from percorso.analytics.format import format_value
from percorso.analytics.statistics.intervals import mean_interval, wilson
from percorso.analytics.statistics.quantiles import quantile_type7
from percorso.base import drawing, words
from percorso.surveys.questions._parts import OTHER, Piece
from percorso.surveys.questions._scale import Scale
from percorso.surveys.results.scope import Asked, Scope
from percorso.surveys.results.stored import Given

BINS = 10
# Days are 2026-11-22.
MONTH_CHARACTERS = len("2026-11")


@dataclass(frozen=True)
class Line:
    """One possible answer: who gave it, a figure of it with its interval, and both as places on a bar in percent."""

    label: str
    n: int
    value: str
    interval: str
    width: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class GridRow:
    """A row of a matrix: how many answered it, n and share in percent of each column, its mean."""

    label: str
    n: int
    cells: Sequence[tuple[int, str, int]]
    mean: str
    interval: str


@dataclass(frozen=True)
class Block:
    """One question with its answers. `told`: further figures about all of them, as name and text."""

    asked: Asked
    text: str
    kind: str
    shown: int
    answered: int
    hidden: bool = False
    value_label: str = ""
    lines: Sequence[Line] = ()
    columns: Sequence[str] = ()
    rows: Sequence[GridRow] = ()
    told: Sequence[tuple[str, str]] = ()
    texts: bool = False


def block_of(asked: Asked, scope: Scope, given: Sequence[Given], counts: tuple[int, int]) -> Block:
    """Return what to show of a question.

    given : its counted answers. counts : how many responses answered it, and to how many it was shown.
    """
    answered, shown = counts
    about = (asked, asked.text(scope.language), gettext(asked.kind.label), max(shown, answered), answered)
    if scope.hides(answered):
        return Block(*about, hidden=True)
    make = MADE.get(asked.question.type) or (_scale if isinstance(asked.kind, Scale) else _nothing)
    # Only who agrees answers a consent.
    base = max(shown, answered) if asked.question.type == "consent" else answered
    return Block(*about, **make(asked, scope, given, base))


def line_of(label: str, n: int, base: int) -> Line:
    """Return an answer as the share of all who answered."""
    p, low, high = (float(x) for x in wilson(n, base)) if base else (0.0, 0.0, 0.0)
    interval = between(_share(low), _share(high)) if base else ""
    return Line(label, n, _share(p) if base else "–", interval, *(round(100 * x, 2) for x in (p, low, high)))


def between(low: str, high: str) -> str:
    """Return an interval in few words."""
    return gettext("{low} to {high}").format(low=low, high=high)


def _share(p: float) -> str:
    return format_value(p, "share", words.language())


def _number(value: float) -> str:
    return format_value(value, "number", words.language())


def _mean(values: Mapping[float, int], low: float | None = None, high: float | None = None) -> tuple[float, Any] | None:
    """Return the mean of values that were each given so often, and its interval; None without any."""
    n = sum(values.values())
    if not n:
        return None
    total, squares = (sum(value**power * times for value, times in values.items()) for power in (1, 2))
    made = mean_interval(n, total, squares, low, high)
    return float(made[0]), made


def _mean_words(values: Mapping[float, int], low: float | None = None, high: float | None = None) -> tuple[str, str]:
    """Return a mean and its interval as texts; both empty without values, the interval where there is none."""
    found = _mean(values, low, high)
    if found is None:
        return "", ""
    mean, made = found
    ends = (float(made[1]), float(made[2]))
    return format_value(mean, "scale", words.language()), (
        "" if math.isnan(ends[0]) else between(*(format_value(end, "scale", words.language()) for end in ends))
    )


def _scores(given: Iterable[Given]) -> Counter[float]:
    found = Counter[float]()
    for one in given:
        if one.score is not None:
            found[one.score] += one.n
    return found


def _options(given: Iterable[Given]) -> Counter[str]:
    found = Counter[str]()
    for one in given:
        if one.option is not None:
            found[one.option] += one.n
    return found


def _told_mean(values: Mapping[float, int], low: float | None, high: float | None) -> list[tuple[str, str]]:
    mean, interval = _mean_words(values, low, high)
    if not mean:
        return []
    return [(gettext("Mean"), f"{mean} ({interval})" if interval else mean)]


def _scale(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    kind, question = asked.kind, asked.question
    assert isinstance(kind, Scale)
    low, high = kind.ends(question)
    names = kind.names(question, lambda text: asked.definition.tell(text, scope.language))
    counts = _scores(given)
    lines = [line_of(_named(value, names), counts[value], sum(counts.values())) for value in range(low, high + 1)]
    return {"lines": lines, "value_label": pgettext("part of a whole", "Share"), "told": _told_mean(counts, low, high)}


def _named(value: int, names: Mapping[int, str]) -> str:
    name = names.get(value) or str(value)
    return name if name.startswith(str(value)) else f"{value} · {name}"


def _pieces(asked: Asked, scope: Scope, pieces: Sequence[Piece], known: Iterable[str]) -> dict[str, str]:
    """Return the labels of what can be chosen by id, then what only earlier versions offered by its id."""
    labels = {piece.id: piece.named(lambda text: asked.definition.tell(text, scope.language)) for piece in pieces}
    return labels | {key: key for key in sorted(known) if key not in labels}


def _choice(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    counts = _options(given)
    labels = _pieces(asked, scope, asked.question.config.pieces(), counts)
    lines = [line_of(label, counts[key], base) for key, label in labels.items()]
    return {"lines": lines, "value_label": pgettext("part of a whole", "Share"), "texts": counts[OTHER] > 0}


def _consent(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    return {
        "lines": [line_of(gettext("Agreed"), sum(_options(given).values()), base)],
        "value_label": pgettext("part of a whole", "Share"),
    }


def _matrix(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    config = asked.question.config
    columns = _pieces(asked, scope, config.columns, _options(given))
    parts = {one.part for one in given}
    rows = []
    for key, label in _pieces(asked, scope, config.rows, parts).items():
        own = [one for one in given if one.part == key]
        counts, n = _options(own), sum(one.n for one in own)
        cells = [(counts[c], _share(counts[c] / n) if n else "–", _shade(counts[c], n)) for c in columns]
        rows.append(GridRow(label, n, cells, *_mean_words(_scores(own))))
    return {"columns": list(columns.values()), "rows": rows}


def _shade(n: int, base: int) -> int:
    """Return how dark a cell is drawn, 0 to 5; its number stands in it."""
    return min(5, math.ceil(5 * n / base)) if base else 0


def _ranking(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    by_item = {key: _scores(one for one in given if one.option == key) for key in _options(given)}
    labels = _pieces(asked, scope, asked.question.config.items, by_item)
    last = max(2.0, float(len(labels)))
    found = []
    for key, label in labels.items():
        places = by_item.get(key, Counter())
        mean = _mean(places, 1, last)
        found.append((mean[0] if mean else math.inf, _place_line(label, places, mean, last)))
    ranked = [line for _, line in sorted(found, key=lambda pair: pair[0])]
    return {"lines": ranked, "value_label": gettext("Mean place")}


def _place_line(label: str, places: Counter[float], mean: tuple[float, Any] | None, last: float) -> Line:
    """Return an item with its mean place; the better it is, the longer its bar."""
    if mean is None:
        return Line(label, 0, "–", "", 0.0, None, None)

    def width(place: float) -> float:
        return round(100 * (last - place) / (last - 1), 2)

    value, interval = _mean_words(places, 1, last)
    ends = (float(mean[1][1]), float(mean[1][2]))
    low, high = (None, None) if math.isnan(ends[0]) else (width(ends[1]), width(ends[0]))
    return Line(label, sum(places.values()), value, interval, max(2.0, width(mean[0])), low, high)


def _numbers(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    counts = _scores(given)
    if not counts:
        return {}
    values = np.repeat(np.array(list(counts), float), list(counts.values()))
    quartiles = [float(q) for q in quantile_type7(values, [0.25, 0.5, 0.75])]
    told = [
        *_told_mean(counts, None, None),
        (gettext("Median"), _number(quartiles[1])),
        (gettext("Middle half"), between(_number(quartiles[0]), _number(quartiles[2]))),
    ]
    if not scope.survey.anonymous:  # the ends are single answers
        told.append((gettext("Lowest and highest"), between(_number(values.min()), _number(values.max()))))
    return {"lines": _bins(values, scope), "value_label": pgettext("part of a whole", "Share"), "told": told}


def _bins(values: Any, scope: Scope) -> list[Line]:
    """Return a histogram with round borders; of few different values, each one."""
    different = np.unique(values)
    if len(different) <= BINS and not scope.survey.anonymous:
        return [line_of(_number(value), int((values == value).sum()), len(values)) for value in different]
    low, high = float(values.min()), float(values.max())
    few = drawing.ticks(low, (low + high) / 2, "number", (None, None))
    step = few[1] - few[0] if len(few) > 1 else 1.0
    borders = [few[0] + step * i for i in range(math.ceil((high - few[0]) / step) + 1)]
    counts, _ = np.histogram(values, borders)
    return [
        line_of(between(_number(a), _number(b)), int(n), len(values))
        for a, b, n in zip(borders, borders[1:], counts, strict=False)
    ]


def _dates(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    months = Counter[str]()
    for day, times in _options(given).items():
        months[day[:MONTH_CHARACTERS]] += times
    n = sum(months.values())
    lines = [line_of(_month(month), times, n) for month, times in sorted(months.items())]
    return {"lines": lines, "value_label": pgettext("part of a whole", "Share")}


def _month(text: str) -> str:
    try:
        return format_skeleton("yMMM", date.fromisoformat(f"{text}-01"), locale=words.locale())
    except ValueError:
        return text


def _texts(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    return {"texts": True}


def _nothing(asked: Asked, scope: Scope, given: Sequence[Given], base: int) -> dict[str, Any]:
    """A type that says nothing of itself: how often each option and score was given."""
    counts = _options(given) or Counter({_number(score): n for score, n in _scores(given).items()})
    lines = [line_of(key, n, base) for key, n in counts.most_common()]
    return {"lines": lines, "value_label": pgettext("part of a whole", "Share")}


MADE: dict[str, Callable[[Asked, Scope, Sequence[Given], int], dict[str, Any]]] = {
    "choice": _choice,
    "choices": _choice,
    "consent": _consent,
    "matrix": _matrix,
    "ranking": _ranking,
    "number": _numbers,
    "date": _dates,
    "text": _texts,
}
