"""Figures whose independent unit is a customer (visitor, user, account) and not a row of the facts."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Indicator


class PerUnit(Indicator):
    """First one row a unit in each cell (`unit_parts`), then one row a cell (`parts`, over those rows).

    A unit that is in two months counts in both, so such parts do not add up over time.
    """

    additive = False

    def who(self, t: ir.Table) -> ir.StringValue:
        """Return whom a row is about: the customer, or who the source said it was."""
        return ibis.coalesce(t.customer, t.identity)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        """Return aggregates over the rows of one unit in one cell."""
        raise TypeError(f"{type(self).__name__} must say what it takes from a unit")

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        t = t.mutate(unit=self.who(t))
        units = t.group_by([*cells, "unit"]).aggregate(**self.unit_parts(t, ask))
        return super().expressions(units, cells, ask)
