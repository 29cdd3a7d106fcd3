"""How many answers are needed: for a margin of error, or to see a difference between two groups."""

from dataclasses import dataclass
from math import ceil
from typing import Literal

from scipy import special

from percorso.analytics.statistics.intervals import z_value
from percorso.errors import BadQuestion
from percorso.i18n import mark

Kind = Literal["proportion", "nps", "mean"]


@dataclass(frozen=True)
class SampleSize:
    """How many answers and invitations are needed.

    Parameters
    ----------
    n
        Answers needed, at most the population.
    n_infinite
        Answers needed from a very large population.
    invitations
        People to invite; None without a response rate.
    feasible
        Whether there are so many people; None without a response rate or a population.
    """

    n: int
    n_infinite: int
    invitations: int | None
    feasible: bool | None


def sample_size(
    kind: Kind,
    margin: float,
    *,
    share: float = 0.5,
    promoters: float | None = None,
    detractors: float | None = None,
    sd: float | None = None,
    population: int | None = None,
    response_rate: float | None = None,
    confidence: float = 0.95,
) -> SampleSize:
    """Answers needed for an interval of a given half-width.

    Parameters
    ----------
    kind
        `proportion`, `nps` or `mean`.
    margin
        Half-width to reach: a share, NPS points / 100, or in the unit of the mean.
    share
        Expected share (proportion); 0.5 is the worst case.
    promoters, detractors
        Expected shares (NPS); the worst case when not given.
    sd
        Expected standard deviation (mean), required there.
    population
        How many people there are; very many when not given.
    response_rate
        Expected share of the invited who answer.
    confidence
        Two-sided confidence.

    Raises
    ------
    BadQuestion
        When a value is out of its range or the standard deviation is missing.

    Notes
    -----
    Specification, section 5.14.

    Examples
    --------
    >>> sample_size("proportion", 0.05, population=1000, response_rate=0.2)
    SampleSize(n=278, n_infinite=385, invitations=1390, feasible=False)
    """
    needed = _infinite(kind, margin, share, promoters, detractors, sd, confidence)
    if population is not None and population < 1:
        raise BadQuestion(mark("The population is {n}. Give how many people there are, 1 or more."), n=population)
    if response_rate is not None and not 0 < response_rate <= 1:
        raise BadQuestion(
            mark("The response rate is {rate}. Give a share above 0, up to 1, such as 0.2."),
            rate=response_rate,
        )
    n = _up(needed)
    if population is not None:
        n = min(_up(needed / (1 + (needed - 1) / population)), population)
    invitations = None if response_rate is None else _up(n / response_rate)
    feasible = None if invitations is None or population is None else invitations <= population
    return SampleSize(n, _up(needed), invitations, feasible)


def group_size(
    kind: Kind,
    difference: float,
    *,
    share: float = 0.5,
    promoters: float | None = None,
    detractors: float | None = None,
    sd: float | None = None,
    confidence: float = 0.95,
    power: float = 0.8,
) -> int:
    """Answers needed in each of two groups to see a difference between them.

    Parameters
    ----------
    difference
        The difference to detect, in the unit of `margin` of `sample_size`; the other parameters are the same.
    power
        The chance to see it when it is there.

    Returns
    -------
    int
        About 4.09 times the answers needed for a margin of the same size.

    Examples
    --------
    >>> group_size("nps", 0.05)
    6280
    """
    if not 0 < power < 1:
        raise BadQuestion(mark("The power is {power}. Give a share between 0 and 1, such as 0.8."), power=power)
    needed = _infinite(kind, difference, share, promoters, detractors, sd, confidence)
    z_alpha, z_beta = z_value(confidence), float(special.ndtri(power))
    return _up(2 * needed * ((z_alpha + z_beta) / z_alpha) ** 2)


def _infinite(
    kind: Kind,
    margin: float,
    share: float,
    promoters: float | None,
    detractors: float | None,
    sd: float | None,
    confidence: float,
) -> float:
    if not margin > 0:
        raise BadQuestion(
            mark("The margin is {margin}. Give how far off the figure may be, such as 0.05."), margin=margin
        )
    return z_value(confidence) ** 2 * _variance(kind, share, promoters, detractors, sd) / margin**2


def _variance(kind: Kind, share: float, promoters: float | None, detractors: float | None, sd: float | None) -> float:
    if kind == "proportion":
        if not 0 <= share <= 1:
            raise BadQuestion(mark("The share is {share}. Give a share between 0 and 1, such as 0.5."), share=share)
        return share * (1 - share)
    if kind == "nps":
        return _net_variance(promoters, detractors)
    if kind == "mean":
        if sd is None or not sd > 0:
            raise BadQuestion(mark("Give the standard deviation (sd), such as 1.0 on a scale of 1 to 5."))
        return sd * sd
    raise BadQuestion(mark("There is no kind {kind}. Choose proportion, nps or mean."), kind=kind)


def _net_variance(promoters: float | None, detractors: float | None) -> float:
    if promoters is None and detractors is None:
        return 1.0
    p, d = promoters or 0.0, detractors or 0.0
    if p < 0 or d < 0 or p + d > 1:
        raise BadQuestion(
            mark("The shares of promoters, {p}, and detractors, {d}, must be 0 or more and at most 1 together."),
            p=p,
            d=d,
        )
    return p + d - (p - d) ** 2


def _up(value: float) -> int:
    # 0.3 and the like are not exact: without the small step back 790 / 0.1 could need one invitation too many.
    return max(ceil(value - 1e-9), 0)
