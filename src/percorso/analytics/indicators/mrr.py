from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.levels import Columns, windows
from percorso.analytics.methods.money import in_one_currency
from percorso.analytics.methods.movements import MOVEMENTS, changes, movement_parts
from percorso.analytics.methods.recurring import Recurring, added, currencies
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

    def counted(
        self, first: Columns, last: Columns, inside: Columns, ever: Columns, start: ir.TimestampValue, ask: Ask
    ) -> dict[str, ir.Scalar]:
        s, e, known = first["mrr"], last["mrr"], (ever["since"] < start).fill_null(False)
        made = {
            "mrr_start": s.sum(),
            "mrr_end": e.sum(),
            "paying_start": added(s > 0),
            "paying_end": added(e > 0),
            "known": added(known | (e > 0)),
            **currencies(first, last, ever),
        }
        return made if ask.options["mode"] == "ledger" else {**made, **movement_parts(s, e, known)}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        made = super().expressions(t, cells, ask)
        if ask.options["mode"] == "ledger":
            by = [name for name in cells if name.startswith("by_") or (name == "side" and "side" in t.columns)]
            every = range(len(windows(ask)))
            most = ask.engine.windows_at_once
            chunks = [every[i : i + most] for i in range(0, len(every), most)]
            made += [self._ledger(changes(t.mutate(unit=self.who(t)), by, ask), by, chunk, ask) for chunk in chunks]
        return made

    def _ledger(self, each: ir.Table, by: list[str], chunk: Sequence[int], ask: Ask) -> ir.Table:
        parts: dict[str, ir.Scalar] = {}
        for i in chunk:
            begins, ends = (ask.engine.epoch_us(ask.instant(f"level_{i}_{edge}")) for edge in ("start", "end"))
            within = (each.at_us >= begins) & (each.at_us < ends)
            found = movement_parts(each.before, each.after, each.known, within)
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
