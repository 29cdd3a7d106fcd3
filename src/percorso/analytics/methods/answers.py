"""What all scores asked in surveys share: which answers count, in which order of rules (specification 1.3)."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask

KEYS = {"customer": ("customer",), "interaction": ("customer", "interaction")}


def scored(ask: Ask, metrics: tuple[str, ...], population: str) -> ir.Table:
    """Return the answers to questions of `metrics` by one population; an answer that names none is a customer's."""
    t = ask.table("answers")
    t = t.filter(t.metric == metrics[0] if len(metrics) == 1 else t.metric.isin(metrics))
    asked = t.population == population
    return t.filter(asked | t.population.isnull() if population == "customer" else asked)


def within_scale(t: ir.Table) -> ir.BooleanValue:
    """Return whether a score is a whole number on its own question's scale; never clamped, never guessed."""
    inside = (t.score >= t.scale_min) & (t.score <= t.scale_max) & (t.score % 1 == 0)
    return inside.fill_null(False)


def latest_per(t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
    """Return `t` with `dropped`: answers that a later valid one of the same respondent replaces within the cell.

    An invalid later answer does not displace an earlier valid one; respondents who cannot be told apart are not the
    same person.
    """
    if ask.options["latest_per"] == "answer":
        return t
    keys = [*cells, *KEYS[ask.options["latest_per"]]]
    newest = [ibis.desc(t.valid.cast("int64")), ibis.desc(t.at), ibis.desc(t.id)]
    turn = ibis.row_number().over(ibis.window(group_by=[t[k] for k in keys], order_by=newest))
    t = t.mutate(turn=turn)
    dropped = t.valid & (t.turn > 0) & t.customer.notnull()
    return t.mutate(dropped=dropped, was_valid=t.valid, valid=t.valid & ~dropped)


def counters(t: ir.Table) -> dict[str, ir.Scalar]:
    """Return how many answers were left out, by reason."""
    readable = t.was_valid if "was_valid" in t.columns else t.valid
    repeats = (t.deliveries - 1).sum()
    dropped = t.count(where=t.dropped) if "dropped" in t.columns else 0
    return {
        "n_missing": t.count(where=t.score.isnull()),
        "n_invalid": t.count(where=t.score.notnull() & ~readable),
        "n_duplicates": repeats.fill_null(0) + dropped,
    }
