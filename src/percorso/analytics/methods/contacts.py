"""The queue: who was answered, who gave up, and how long each waited."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.i18n import mark

SHORT_ABANDON = Option(
    mark("who gives up within so many seconds is not counted (there is no industry standard)"), default=5
)


def queued(ask: Ask) -> ir.Table:
    """Return the contacts that waited in a queue, with wait_seconds and what became of them, as far as known.

    Exactly one of answered, abandoned, short_abandoned, still_waiting and invalid is true. Giving up after exactly the
    threshold counts as abandoned.
    """
    t = ask.table("contacts")
    t = t.filter(t.queued_at.notnull(), ~t.by_bot.fill_null(False))
    answered = ask.known(t.answered_at).fill_null(False)
    gave_up = ask.known(t.abandoned_at).fill_null(False)
    left = ibis.ifelse(answered, t.answered_at, t.abandoned_at)
    wait = ask.seconds(t.queued_at, left)
    invalid = ((answered | gave_up) & (wait < 0)).fill_null(False) | (answered & gave_up)
    gave_up = gave_up & ~invalid
    short = gave_up & (wait < float(ask.options["short_abandon_seconds"])).fill_null(False)
    return t.mutate(
        moment=t.queued_at,
        wait_seconds=wait,
        invalid=invalid,
        answered=answered & ~invalid,
        abandoned=gave_up & ~short,
        short_abandoned=short,
        still_waiting=~answered & ~ask.known(t.abandoned_at).fill_null(False),
    )


def counted(t: ir.Table) -> dict[str, ir.Scalar]:
    """Return how many contacts ended in which way."""
    return {
        "answered": t.count(where=t.answered),
        "abandoned": t.count(where=t.abandoned),
        "short_abandoned": t.count(where=t.short_abandoned),
        "still_waiting": t.count(where=t.still_waiting),
        "n_invalid": t.count(where=t.invalid),
    }
