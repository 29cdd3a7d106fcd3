"""What customers do that recommends us: referrals, reviews, references."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.occurrences import occurrences

GOOD_STARS = 4


def advocacy(ask: Ask) -> ir.Table:
    """Return the acts known by `as_of`: `advocate` and `act_at`. Reviews with fewer than four stars recommend nothing."""
    told, written = occurrences(ask, "acts"), ask.table("mentions")
    good = written.rating.isnull() | (written.rating >= GOOD_STARS)
    written = written.filter(written.source == "review", ask.known(written.at), good)
    every = [_act(t) for t in (told, written)]
    return every[0].union(every[1])


def _act(t: ir.Table) -> ir.Table:
    return t.select(advocate=nullable(ibis.coalesce(t.customer, t.identity)), act_at=nullable(t.at))
