from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, Figures, Indicator, Option, Parts
from percorso.analytics.methods.money import currency_code, currency_parts, in_one_currency
from percorso.analytics.methods.occurrences import occurrences
from percorso.i18n import mark

COLUMNS = ("id", "customer", "identity", "at", "channel", "touchpoint")


class CostToServe(Indicator):
    label = mark("Cost to serve per contact")
    about = mark("What does one handled contact cost?")
    formula = mark("support cost of the months / contacts handled in them")
    table = "contacts"
    family = "service"
    unit = "money"
    better = "lower"
    method = "ratio"
    time = mark("contacts when they end, costs in the month that they are booked in; whole months only")
    interval = mark("none: it is accounting and no sample")
    test = mark("none: it is accounting and no sample")
    minimum_n = 1
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    level, kind, nature = "managerial", "input", "lagging"
    segments = ("channel", "queue", "team")
    options = {
        "costs": Option(
            mark("where costs are: booked as events, or told by each contact (properties cost_minor and currency)"),
            default="booked",
            choices=("booked", "contact"),
        ),
        "booked": Option(
            mark("names of the events that book a cost: properties amount (in minor units) and currency"),
            default="Support Cost Booked",
        ),
    }
    exclusions = (
        mark("Contacts served by a bot alone are not handled contacts; there is no figure of days or weeks."),
        mark("Without any cost there is no figure: what was not booked is not free."),
    )
    traps = (
        mark("Sending contacts away makes it rise and serving them badly makes it fall: read it with satisfaction."),
    )
    literature = ("Kaplan R, Anderson S (2004) Time-driven activity-based costing, Harvard Business Review 82",)

    def rows(self, ask: Ask) -> ir.Table:
        contacts = _contacts(ask)
        if ask.options["costs"] == "contact":
            return contacts
        return contacts.mutate(amount=ibis.null("float64"), currency=ibis.null("string")).union(_booked(ask))

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        costs = t.amount.notnull()
        return {
            "cost": t.amount.sum(where=costs),
            "bookings": t.count(where=costs),
            "contacts": t.count(where=t.contact),
            **currency_parts(currency_code(t.currency), costs),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        n, nothing = p["contacts"], np.full(len(p["contacts"]), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where((n > 0) & (p["bookings"] > 0) & _whole_months(ask), p["cost"] / n, np.nan)
        why = "incomplete" if _whole_months(ask) else "months_only"
        status = {int(i): why for i in np.flatnonzero(np.isnan(value) & (n > 0))}
        cost: Any = np.where(p["bookings"] > 0, p["cost"], np.nan)
        return in_one_currency(Figures(value, nothing, nothing, n, {"cost": cost}, status), p, ("cost",))


def _whole_months(ask: Ask) -> bool:
    """Return whether the question is about whole local months: costs have no days."""
    frame = ask.frame
    if frame is None or frame.period is None:
        return True
    whole = frame.period.start.day == frame.period.end.day == 1
    return whole and frame.grain in (None, "month", "quarter", "year")


def _contacts(ask: Ask) -> ir.Table:
    t = ask.table("contacts")
    ended = ibis.coalesce(t.ended_at, t.at)
    handled = t.handled.fill_null(t.answered_at.notnull()) & ~t.by_bot.fill_null(False)
    t = t.mutate(moment=ended).filter(handled, ask.known(ended))
    amount = ask.engine.json_text(t.properties, "cost_minor").try_cast("float64")
    return _row(t, t.queue, t.team, amount, ask.engine.json_text(t.properties, "currency"), True)


def _booked(ask: Ask) -> ir.Table:
    t = occurrences(ask, "booked")
    told = {key: ask.engine.json_text(t.properties, key) for key in ("queue", "team", "amount", "currency")}
    t = t.mutate(moment=t.at)
    return _row(t, told["queue"], told["team"], told["amount"].try_cast("float64"), told["currency"], False)


def _row(t: ir.Table, queue: Any, team: Any, amount: Any, currency: Any, contact: bool) -> ir.Table:
    """Return rows of one type whatever table they come from: a union wants them equal, nullability too."""
    made = {"moment": t.moment, "queue": queue, "team": team, "amount": amount, "currency": currency}
    return t.select(
        **{name: nullable(t[name]) for name in COLUMNS},
        **{name: nullable(column) for name, column in made.items()},
        contact=ibis.literal(contact),
    )
