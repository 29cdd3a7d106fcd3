"""Making answers count for whom they stand: effective sample size, post-stratification and raking."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.analytics.statistics.intervals import FloatArray, floats, plain
from percorso.errors import BadQuestion
from percorso.i18n import mark

IntArray = NDArray[np.int64]

DESIGN_EFFECT_LIMIT = 2.0
TRIM = (0.3, 3.0)
SWEEPS = 1000
TOLERANCE = 1e-10
TRIM_ROUNDS = 5


def kish_n_effective(total: ArrayLike, total_of_squares: ArrayLike) -> FloatArray:
    """How many equally weighted answers the weighted ones are worth (Kish).

    Parameters
    ----------
    total, total_of_squares
        Sum of the weights and of their squares, one or an array.

    Returns
    -------
    FloatArray
        (sum w)^2 / sum w^2; 0 without weights.

    Notes
    -----
    Kish (1965); specification, section 1.10.
    """
    w, ww = floats(total, total_of_squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        return plain(np.where(ww > 0, w * w / ww, 0.0))


def kish_n_effective_of(weights: ArrayLike) -> float:
    """Effective number of answers of one cell, from the weight of each."""
    w = np.asarray(weights, dtype=np.float64)
    return float(kish_n_effective(w.sum(), (w * w).sum()))


def effective_count(weight: ArrayLike, total: ArrayLike, total_of_squares: ArrayLike) -> FloatArray:
    """Weight of the answers of one kind as a count out of `kish_n_effective`: what weighted intervals are given.

    Parameters
    ----------
    weight
        Sum of the weights of the answers of that kind (promoters, satisfied …).
    total, total_of_squares
        Sums over all answers of the cell.

    Examples
    --------
    Two answers of weight 1 and one of weight 2; the heavy one is satisfied: half of 2.67 answers.

    >>> n = kish_n_effective(4, 6)
    >>> round(float(n), 4), round(float(effective_count(2, 4, 6)), 4)
    (2.6667, 1.3333)
    """
    hits, w, ww = floats(weight, total, total_of_squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        return plain(np.where(ww > 0, hits * w / ww, 0.0))


@dataclass(frozen=True)
class PostStratification:
    """Weights by cell and what they give; `cell` names the one that spoils it.

    `status` is `ok`, `empty_cell` (a cell of the population without answers: collapse it with another) or `no_data`.
    """

    weights: dict[str, float] | None
    value: float | None
    n_effective: float | None
    design_effect: float | None
    status: str
    cell: str | None = None

    @property
    def uneven(self) -> bool:
        """Whether the design effect is above 2: few answers speak for many, which deserves a warning."""
        return self.design_effect is not None and self.design_effect > DESIGN_EFFECT_LIMIT


def post_stratification(
    population: Mapping[str, float],
    sample: Mapping[str, float],
    stat: Mapping[str, float | None] | None = None,
) -> PostStratification:
    """Weight the answers of each cell to the cell's share of the population.

    Parameters
    ----------
    population
        Size (or share) of each cell in the population.
    sample
        Number of answers of each cell.
    stat
        Value of the figure in each cell, for the weighted value: a mean, a share or an NPS. None in a cell that
        counts: no weighted value.

    Raises
    ------
    BadQuestion
        When a size is negative or a cell with answers is not listed in the population.

    Notes
    -----
    Specification, section 5.18.

    Examples
    --------
    >>> people, answers = {"south": 6000, "north": 4000}, {"south": 80, "north": 20}
    >>> result = post_stratification(people, answers, {"south": 40, "north": -10})
    >>> round(result.weights["north"], 4), round(result.value, 4), round(result.n_effective, 4)
    (2.0, 20.0, 80.0)
    """
    _check_cells(population, sample)
    size, n = sum(population.values()), sum(sample.values())
    if size <= 0:
        return PostStratification(None, None, None, None, "no_data")
    for cell, people in population.items():
        if people > 0 and not sample.get(cell):
            return PostStratification(None, None, None, None, "empty_cell", cell)
    weights = {c: (p / size) / (sample[c] / n) for c, p in population.items() if sample.get(c)}
    answers = np.asarray([sample[c] for c in weights], dtype=np.float64)
    w = np.asarray(list(weights.values()))
    n_effective = float(kish_n_effective((answers * w).sum(), (answers * w * w).sum()))
    value = None if stat is None else _weighted(population, stat, size)
    return PostStratification(weights, value, n_effective, n / n_effective, "ok")


def _weighted(population: Mapping[str, float], stat: Mapping[str, float | None], size: float) -> float | None:
    total = 0.0
    for cell, people in population.items():
        figure = stat.get(cell)
        if people > 0 and figure is None:
            return None
        total += people / size * (figure or 0.0)
    return total


def _check_cells(population: Mapping[str, float], sample: Mapping[str, float]) -> None:
    for cell, count in [*population.items(), *sample.items()]:
        if count < 0:
            raise BadQuestion(mark("The cell {cell} has the size {count}. Give 0 or more."), cell=cell, count=count)
    unlisted = [cell for cell, count in sample.items() if count and cell not in population]
    if unlisted:
        raise BadQuestion(
            mark("The population does not list {cell}, where there are answers. Add its size, or 0 to leave them out."),
            cell=unlisted[0],
        )


@dataclass(frozen=True, eq=False)
class Raking:
    """A weight for each respondent and what the weights give; `cell` names the category that spoils it.

    `status` is `ok`, `empty_cell` (a category with a target and no respondent), `not_converged` (the targets
    contradict each other in this sample: use fewer margins) or `no_data`.
    """

    weights: FloatArray | None
    n_effective: float | None
    design_effect: float | None
    status: str
    cell: str | None = None
    weighted_mean: float | None = None
    unweighted_mean: float | None = None

    @property
    def uneven(self) -> bool:
        """Whether the design effect is above 2: few answers speak for many, which deserves a warning."""
        return self.design_effect is not None and self.design_effect > DESIGN_EFFECT_LIMIT


def raking(
    columns: Mapping[str, Sequence[Hashable]],
    margins: Mapping[str, Mapping[Hashable, float]],
    outcome: ArrayLike | None = None,
    trim: tuple[float, float] | None = None,
) -> Raking:
    """Weight respondents so that several margins of the sample meet those of the population (raking, IPF).

    Parameters
    ----------
    columns
        For each variable of `margins` the category of every respondent, length n.
    margins
        For each variable the target of each category, as shares or counts.
    outcome
        A score of every respondent (NaN: none), for the weighted and the unweighted mean.
    trim
        Smallest and largest weight as multiples of the mean weight, such as `TRIM`; after trimming the weights are
        raked again, at most 5 times. Not trimmed when not given.

    Returns
    -------
    Raking
        The weights add up to n.

    Raises
    ------
    BadQuestion
        When a respondent's category has no target, or the columns differ in length.

    Notes
    -----
    Specification, section 5.18. Respondents with the same categories get the same weight, so that the work depends
    on the number of distinct combinations, not of respondents.

    Examples
    --------
    >>> result = raking({"sex": ["F", "F", "F", "M"]}, {"sex": {"F": 0.5, "M": 0.5}})
    >>> result.weights.round(4).tolist(), round(result.design_effect, 4)
    ([0.6667, 0.6667, 0.6667, 2.0], 1.3333)
    """
    codes = [_codes(name, columns[name], targets) for name, targets in margins.items()]
    n = codes[0].size if codes else 0
    if any(c.size != n for c in codes):
        raise BadQuestion(mark("The columns differ in length. Give one category for every respondent in each."))
    empty = _empty_category(codes, margins)
    if empty is not None or n == 0:
        return Raking(None, None, None, "no_data" if empty is None else "empty_cell", empty)
    targets = [_scaled(list(t.values()), n) for t in margins.values()]
    cells, place, counts = np.unique(np.stack(codes), axis=1, return_inverse=True, return_counts=True)
    by_cell, converged = _raked(cells, counts.astype(np.float64), targets, trim)
    weights = by_cell[place.ravel()]
    n_effective = kish_n_effective_of(weights)
    weighted, unweighted = _means(outcome, weights)
    return Raking(
        weights,
        n_effective,
        n / n_effective,
        "ok" if converged else "not_converged",
        None,
        weighted,
        unweighted,
    )


def _codes(name: str, column: Sequence[Hashable], targets: Mapping[Hashable, float]) -> IntArray:
    place = {category: i for i, category in enumerate(targets)}
    unknown = next((c for c in column if c not in place), place)
    if unknown is not place:
        raise BadQuestion(
            mark("{name} is {category} for some respondents, which has no target. Add one, or leave them out."),
            name=name,
            category=unknown,
        )
    return np.fromiter((place[c] for c in column), dtype=np.int64, count=len(column))


def _empty_category(codes: list[IntArray], margins: Mapping[str, Mapping[Hashable, float]]) -> str | None:
    for code, (name, targets) in zip(codes, margins.items(), strict=True):
        present = np.bincount(code, minlength=len(targets))
        for count, (category, target) in zip(present, targets.items(), strict=True):
            if target > 0 and count == 0:
                return f"{name}={category}"
    return None


def _scaled(target: list[float], n: int) -> FloatArray:
    wanted: FloatArray = np.asarray(target, dtype=np.float64)
    if np.any(wanted < 0) or wanted.sum() <= 0:
        raise BadQuestion(
            mark("The targets of a margin are negative or all 0. Give the shares or counts of the population.")
        )
    scaled: FloatArray = wanted / wanted.sum() * n
    return scaled


def _raked(
    cells: IntArray, counts: FloatArray, targets: list[FloatArray], trim: tuple[float, float] | None
) -> tuple[FloatArray, bool]:
    weights, converged = _fitted(np.ones(counts.size), cells, counts, targets)
    for _ in range(TRIM_ROUNDS if trim else 0):
        low, high = np.asarray(trim) * (weights * counts).sum() / counts.sum()
        trimmed = np.where(weights > 0, np.clip(weights, low, high), 0.0)
        if np.allclose(trimmed, weights, rtol=1e-9, atol=0):
            break
        weights, converged = _fitted(trimmed, cells, counts, targets)
    return weights, converged


def _fitted(
    weights: FloatArray, cells: IntArray, counts: FloatArray, targets: list[FloatArray]
) -> tuple[FloatArray, bool]:
    for _ in range(SWEEPS):
        largest = 0.0
        for code, target in zip(cells, targets, strict=True):
            current = np.bincount(code, weights * counts, minlength=target.size)
            factor = np.divide(target, current, out=np.ones_like(target), where=current > 0)
            weights = weights * factor[code]
            largest = max(largest, float(np.abs(factor - 1)[target > 0].max()))
        if largest < TOLERANCE:
            return weights, True
    return weights, False


def _means(outcome: ArrayLike | None, weights: FloatArray) -> tuple[float | None, float | None]:
    if outcome is None:
        return None, None
    y = np.asarray(outcome, dtype=np.float64)
    known = ~np.isnan(y)
    total = weights[known].sum()
    if total <= 0:
        return None, None
    return float((weights[known] * y[known]).sum() / total), float(y[known].mean())
