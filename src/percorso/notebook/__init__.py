"""What a notebook uses: connect to facts, measure, chart."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import ibis.expr.types as ir
import pandas as pd

from percorso.analytics.calendar import Schedule
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.lifetime import facts as lifetime_facts
from percorso.analytics.lifetime.facts import Scored
from percorso.analytics.lifetime.loop import LoopEffect, loop_effect
from percorso.analytics.lifetime.orders import Facts as LifetimeFacts
from percorso.analytics.lifetime.outlook import Outlook, outlook_of
from percorso.analytics.measure import measure
from percorso.analytics.query import Grain, Query
from percorso.analytics.result import Result
from percorso.analytics.statistics.power import group_size, sample_size
from percorso.analytics.statistics.survival import KaplanMeier, kaplan_meier
from percorso.analytics.store import Store
from percorso.notebook.behaviour import Behaviour, segment_of

__all__ = ["Facts", "connect", "group_size", "indicators", "sample_size"]
When: TypeAlias = datetime | None


class Facts(Behaviour):
    """The facts of one workspace, ready to be measured. Made by `connect`."""

    def measure(
        self,
        *indicators: str,
        period: str | tuple[str | date, str | date] | None = None,
        grain: Grain | None = None,
        by: str | tuple[str, ...] = (),
        segment: Mapping[str, Any] | None = None,
        compare: str | Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Result:
        """Measure indicators.

        Parameters
        ----------
        indicators : keys, see `indicators()`.
        period : a preset such as ``"last_90_days"``, or (first day, day after the last); None: all time.
        grain, by, segment, compare : see `Query`; one column or value may stand alone.
        options : variants of the indicators, e.g. ``hours="business"``; also as_of, confidence, q.

        Returns
        -------
        Result : shown as a table; `.chart()`, `.to_pandas()`, `.to_polars()`, `.to_arrow()`, `.sql()`.
        """
        own = {name: options.pop(name) for name in ("as_of", "confidence", "q") if name in options}
        query = Query(
            indicators=indicators,
            workspace=self.workspace,
            period=self._period(period),
            grain=grain,
            by=(by,) if isinstance(by, str) else tuple(by),
            segment=segment_of(segment or {}),
            compare=segment_of(compare) if isinstance(compare, Mapping) else compare,
            options=options,
            schedule=self.schedule,
            tz=self.tz,
            **own,
        )
        return measure(self.store, query)

    def rfm(
        self, *, segment: Mapping[str, Any] | None = None, currency: str | None = None, as_of: When = None
    ) -> Scored:
        """Score customers by how lately, how often and for how much they bought.

        Parameters
        ----------
        segment : a rule as the API takes it, such as ``{"trait": "country", "is": ["BR"]}``; None: all customers.
        currency : needed when orders are in several. as_of : orders before it count; None: now.

        Returns
        -------
        Scored : `.to_pandas()` has a row a customer with scores and segment.

        Raises
        ------
        BadQuestion : the orders are in several currencies and none was chosen.
        """
        asked = self._lifetime(segment, as_of)
        return lifetime_facts.rfm_of(*asked, currency)

    def retention_curve(
        self,
        of: Literal["subscriptions", "purchases"] = "subscriptions",
        *,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> KaplanMeier:
        """Estimate how long customers stay, by Kaplan-Meier.

        Parameters
        ----------
        of : subscriptions: the share still subscribed; purchases: the share that has not bought a second time yet.
        segment, as_of : see `rfm`.

        Returns
        -------
        KaplanMeier : `time` in days, `survival` with `low` and `high`; `.median`, `.at(days)`.
        """
        ask = {
            "subscriptions": lifetime_facts.subscription_durations,
            "purchases": lifetime_facts.repeat_durations,
        }
        return kaplan_meier(ask[of](*self._lifetime(segment, as_of)))

    def lifetime_value(
        self,
        months: int = 12,
        *,
        margin: float = 1.0,
        monthly_discount: float = 0.01,
        segment: Mapping[str, Any] | None = None,
        currency: str | None = None,
        as_of: When = None,
    ) -> Outlook:
        """Forecast what each buyer will still buy, by BG/NBD and Gamma-Gamma.

        Parameters
        ----------
        months : how far to look ahead. margin : share of a purchase's value that is left.
        monthly_discount : what comes in month k is divided by (1 + discount)^k.
        segment, currency, as_of : see `rfm`.

        Returns
        -------
        Outlook : `.status` first (ok, or what is wrong); `.total` in minor units, `.to_pandas()` a row a customer,
        `.buying` and `.spending` the fitted models. `alive` is 1 without a repeat purchase, which means "not known".
        """
        asked = self._lifetime(segment, as_of)
        return outlook_of(*asked, currency, months, monthly_discount, margin)

    def closed_loop(
        self,
        question: Literal["nps", "csat"] = "nps",
        *,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> LoopEffect:
        """Compare the next answers of unhappy customers whom somebody got back to with those of the others.

        Parameters
        ----------
        question : what they answered, nps from 0 to 10 or csat from 1 to 5.
        segment, as_of : see `rfm`.

        Returns
        -------
        LoopEffect : `.whole.difference` has `effect`, `low`, `high` in points; `.bands` are equally unhappy customers.
        """
        return loop_effect(LifetimeFacts(*self._lifetime(segment, as_of)), question)

    def _lifetime(
        self, segment: Mapping[str, Any] | None, as_of: When
    ) -> tuple[Store, str, datetime, str, ir.Table | None]:
        now = self._instant(as_of)
        return self.store, self.workspace, now, self.tz, self._customers(segment, now)

    def close(self) -> None:
        """Close the connection: another process can open the file then."""
        self.store.close()


def connect(
    where: str | Path, workspace: str = "", tz: str = "America/Sao_Paulo", schedule: Schedule | None = None
) -> Facts:
    """Connect to facts.

    Parameters
    ----------
    where : the DuckDB file of a data folder, the data folder, a folder of Parquet files named after the fact tables
        (``answers.parquet`` …; columns that are missing are empty), or the URL of a ClickHouse.
    workspace : whose facts; Parquet files without that column belong to ``""``.
    tz : reporting time zone. schedule : business hours, for ``hours="business"``.

    Raises
    ------
    StoreBusy : a server or command has the file open; stop it, or ask it with `percorso measure`.
    """
    path = Path(str(where))
    if (path / "facts.duckdb").is_file():
        where = path / "facts.duckdb"
    return Facts(Store.open(where), workspace, tz, schedule)


def indicators() -> pd.DataFrame:
    """Return what can be measured: key, name, what it answers, table, unit, direction, options."""
    rows = [
        {
            "key": i.key, "name": i.label, "about": i.about, "table": i.table, "unit": i.unit,
            "better": i.better, "options": ", ".join(i.options),
        }
        for i in INDICATORS.values()
    ]  # fmt: skip
    return pd.DataFrame(rows)
