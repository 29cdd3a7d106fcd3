"""The forecast of what buyers will still buy as plain values: totals, how sure, who brings it, and its hold-out check."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.lifetime import gamma_gamma
from percorso.analytics.lifetime.outlook import HoldOut, Outlook, hold_out_of, outlook_of
from percorso.analytics.statistics.intervals import FloatArray
from percorso.analytics.store import Store

HOLD_OUT_WEEKS = 26
# Chances to be still buying that part those who have bought again.
GONE, BUYING = 0.3, 0.7
TOP_SHARE = 0.1


@dataclass(frozen=True)
class Band:
    """Buyers who are alike: `kind` is once (no repeat purchase yet), buying, unsure or gone."""

    kind: str
    customers: int
    expected: float | None
    value: float | None


@dataclass(frozen=True)
class Forecast:
    """What a workspace's buyers will still buy; money in minor units of `currency`, None where there is no figure.

    Parameters
    ----------
    status
        ok, low_sample, insufficient_data or no_data, as of `Outlook`.
    customers, repeating
        Buyers, and those of them who bought again.
    expected, value
        Purchases and their discounted value within `months`.
    top_share
        What share of the value the most valuable tenth of the buyers brings.
    buying, spending
        Parameters of BG/NBD (in weeks) and Gamma-Gamma (in minor units), each None without a fit.
    buying_converged, spending_converged
        Whether the fits may be used.
    correlation, related
        Of frequency and value, see `gamma_gamma.Fit`.
    mean_value
        Expected value of a purchase by somebody of whom nothing is known.
    hold_out
        Cumulative repeat purchases by weeks, as they came and as expected without having seen them.
    error
        How far the hold-out forecast was off at its end, as a share of what came.
    """

    status: str
    currency: str | None
    customers: int
    repeating: int
    months: int
    margin: float
    monthly_discount: float
    expected: float | None
    value: float | None
    top_share: float | None
    buying: dict[str, float] | None
    spending: dict[str, float] | None
    buying_converged: bool
    spending_converged: bool
    correlation: float | None
    related: bool
    mean_value: float | None
    bands: tuple[Band, ...]
    hold_out: tuple[tuple[float, float | None], ...]
    error: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave."""
        weeks = tuple((float(came), expected) for came, expected in told["hold_out"])
        return cls(**dict(told) | {"bands": tuple(Band(**band) for band in told["bands"]), "hold_out": weeks})


def forecast_of(
    store: Store,
    workspace: str,
    as_of: datetime,
    tz: str,
    segment: ir.Table | None = None,
    currency: str | None = None,
    months: int = 12,
    monthly_discount: float = 0.01,
    margin: float = 1.0,
    progress: Callable[[float], None] = lambda share: None,
) -> Forecast:
    """Fit the models, forecast, and check them on the last half year (or half of a shorter history).

    `progress` is told how much is done, 0 to 1. The other parameters are those of `outlook_of`.
    """
    terms: dict[str, Any] = {"months": months, "monthly_discount": monthly_discount, "margin": margin}
    outlook = outlook_of(store, workspace, as_of, tz, segment, currency, **terms)
    progress(0.6)
    held: HoldOut | None = None
    weeks = min(HOLD_OUT_WEEKS, int(outlook.purchases.age.max() // 2)) if outlook.buying.n else 0
    if weeks >= 2:
        since = as_of - timedelta(weeks=weeks)
        held = hold_out_of(store, workspace, as_of, tz, since, segment, outlook.purchases.currency)
    return _forecast(outlook, held, terms)


def _forecast(outlook: Outlook, held: HoldOut | None, terms: Mapping[str, Any]) -> Forecast:
    buying, spending = outlook.buying, outlook.spending
    return Forecast(
        status=outlook.status,
        currency=outlook.purchases.currency,
        customers=buying.n,
        repeating=buying.n_repeating,
        months=terms["months"],
        margin=terms["margin"],
        monthly_discount=terms["monthly_discount"],
        expected=_total(outlook.expected),
        value=outlook.total,
        top_share=_top_share(outlook.value),
        buying=_parameters(buying.parameters),
        spending=_parameters(spending.parameters),
        buying_converged=buying.converged,
        spending_converged=spending.converged,
        correlation=spending.correlation,
        related=spending.related,
        mean_value=gamma_gamma.population_mean(spending.parameters) if spending.parameters else None,
        bands=_bands(outlook),
        hold_out=_weeks(held),
        error=held.error if held else None,
    )


def _parameters(found: Any) -> dict[str, float] | None:
    return None if found is None else {name: float(value) for name, value in found._asdict().items()}


def _total(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.sum()) if known.size else None


def _top_share(value: FloatArray) -> float | None:
    known = np.sort(value[~np.isnan(value)])[::-1]
    whole = float(known.sum())
    return float(known[: max(1, round(TOP_SHARE * known.size))].sum()) / whole if whole > 0 else None


def _bands(outlook: Outlook) -> tuple[Band, ...]:
    once = outlook.purchases.repeats == 0
    alive = np.nan_to_num(outlook.alive, nan=-1.0)
    parts = {
        "buying": ~once & (alive >= BUYING),
        "unsure": ~once & (alive >= GONE) & (alive < BUYING),
        "gone": ~once & (alive >= 0) & (alive < GONE),
        "once": once,
    }
    return tuple(
        Band(kind, int(rows.sum()), _total(outlook.expected[rows]), _total(outlook.value[rows]))
        for kind, rows in parts.items()
    )


def _weeks(held: HoldOut | None) -> tuple[tuple[float, float | None], ...]:
    if held is None:
        return ()
    expected = [None if np.isnan(e) else float(e) for e in held.expected]
    return tuple((float(came), e) for came, e in zip(held.actual, expected, strict=True))
