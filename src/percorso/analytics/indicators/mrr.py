from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.levels import from_wide, window_moments, windows
from percorso.analytics.methods.money import in_one_currency
from percorso.analytics.methods.movements import MOVEMENTS, changes, movement_parts, movement_values
from percorso.analytics.methods.price_periods import PricePeriods
from percorso.analytics.methods.recurring import Recurring, currencies, paid_at
from percorso.i18n import mark

LEVELS = ("mrr_start", "mrr_end")
COUNTS = ("paying_start", "paying_end", *(f"{name}_customers" for name in MOVEMENTS))


class MRR(Recurring):
    label = mark("Monthly recurring revenue and its movements")
    about = mark("How much recurring revenue is there, and what moved it?")
    formula = mark("MRR at the end = MRR at the start + new + expansion + reactivation − contraction − churn")
    unit = "money"
    better = "higher"
    method = "state"
    time = mark("state just before the end of the period; movements compare it with the state just before its start")
    interval = mark("none: it is the sum over all customers, not a sample")
    test = mark("none: watch it with a control chart")
    minimum_n = 1
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    options = {
        "mode": Option(
            mark("net compares each customer's start and end; ledger adds up every change in between"),
            default="net",
            choices=("net", "ledger"),
        )
    }
    exclusions = (
        *Recurring.exclusions,
        mark("One-off payments and taxes; what is paid for a year counts with a twelfth of it."),
    )
    traps = (
        mark("A customer who cancels one of two subscriptions pays less: that is contraction, not churn."),
        mark("Who leaves and comes back inside the period has not left in net mode; ledger mode shows both."),
        *Recurring.traps,
    )

    def counted(self, p: PricePeriods, start_us: int, end_us: int, ask: Ask) -> dict[str, Any]:
        first, last, known = paid_at(p, start_us, ask), paid_at(p, end_us, ask), p.since_us < start_us
        s, e = first.amount, last.amount
        made = {
            "mrr_start": s,
            "mrr_end": e,
            "paying_start": s > 0,
            "paying_end": e > 0,
            "known": known | (e > 0),
            **currencies(first=first, last=last),
        }
        return made if ask.options["mode"] == "ledger" else {**made, **movement_values(s, e, known)}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        made = super().expressions(t, cells, ask)
        if ask.options["mode"] == "ledger":
            by, every, most = self.kept_cells(t, cells), range(len(windows(ask))), ask.engine.windows_at_once
            each = changes(t.mutate(unit=self.who(t)), by, ask)
            made += [self._ledger(each, by, every[i : i + most], ask) for i in range(0, len(every), most)]
        return made

    def moments(self, ask: Ask) -> dict[str, datetime]:
        return window_moments(ask) if ask.options["mode"] == "ledger" else {}

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        return super().fold(rows, cells, ask) if "unit" in rows.column_names else from_wide(rows, cells, ask)

    def _ledger(self, each: ir.Table, by: list[str], chunk: Sequence[int], ask: Ask) -> ir.Table:
        parts: dict[str, ir.Scalar] = {}
        for i in chunk:
            begins, ends = (ask.engine.epoch_us(ask.instant(f"level_{i}_{edge}")) for edge in ("start", "end"))
            within = (each.at_us >= begins) & (each.at_us < ends)
            found = movement_parts(each, within)
            parts |= {f"{name}__{i}": value for name, value in found.items()}
        return each.group_by(by).aggregate(**parts) if by else each.aggregate(**parts)

    def figures(self, p: Parts, ask: Ask) -> Figures:
        details = {name: p[name] for name in (*LEVELS, *MOVEMENTS)}
        details["net_new"] = p["mrr_end"] - p["mrr_start"]
        with np.errstate(divide="ignore", invalid="ignore"):
            details["arpa"] = np.where(p["paying_end"] > 0, p["mrr_end"] / p["paying_end"], np.nan)
        amounts = tuple(details)
        details |= {name: p[name].astype(np.int64) for name in COUNTS}
        nothing = np.full(len(p["mrr_end"]), np.nan)
        # Nobody who pays is a real 0 where there were customers.
        status = {int(i): "ok" for i in np.flatnonzero(p["known"] > 0)}
        made = Figures(p["mrr_end"], nothing, nothing, p["paying_end"], details, status)
        return in_one_currency(made, p, amounts, ("first", "last"))
