import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.methods.tickets import ticket_facts, with_reopened
from percorso.i18n import mark


class Fcr(Proportion):
    label = mark("First contact resolution")
    about = mark("Was it solved the first time?")
    formula = mark(
        "no_repeat: first contacts resolved without a further contact about the same issue within 7 days / first contacts · one_touch: tickets resolved with one reply and not reopened / tickets resolved · survey: yes / (yes + no)"
    )
    table = "contacts"
    family = "service"
    better = "higher"
    time = mark("when the contact was made or the ticket first resolved; counted once 7 days have passed")
    level, kind, nature = "tactical", "product", "leading"
    segments = ("topic", "channel", "team", "agent", "customer.country")
    options = {
        "definition": Option(
            mark("what counts as solved the first time; never compare figures of different definitions"),
            default="no_repeat",
            choices=("no_repeat", "one_touch", "survey"),
        ),
        "window_days": Option(mark("days without a further contact or reopening"), default=7),
        "net": Option(
            mark("leave out issues that no first contact can solve"), default=False, choices=(False, True)
        ),
    }  # fmt: skip
    exclusions = (
        mark("A contact within the window of an earlier one about the same issue is a repeat and no new case."),
        mark("Contacts younger than the window wait aside until it has passed, solved or not."),
        mark("Contacts of unknown customers and of bots do not count."),
    )
    traps = (
        mark("There is no common standard: figures of different definitions or other companies cannot be compared."),
        mark("Customers who give up do not come back either: read it with satisfaction and churn."),
        mark("Issues named too finely make repeats invisible."),
    )
    literature = (
        "Dixon M, Toman N, DeLisi R (2013) The Effortless Experience",
        "Gans N, Koole G, Mandelbaum A (2003) Telephone call centers: tutorial, review, and research prospects, Manufacturing & Service Operations Management 5",
    )

    def rows(self, ask: Ask) -> ir.Table:
        how = {"no_repeat": _no_repeat, "one_touch": _one_touch, "survey": _survey}
        return how[ask.options["definition"]](ask)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"immature": t.count(where=t.immature)}


def _window(ask: Ask) -> ir.IntervalScalar:
    return ibis.interval(days=int(ask.options["window_days"]))


def _no_repeat(ask: Ask) -> ir.Table:
    t = ask.table("contacts")
    t = t.filter(t.customer.notnull(), ~t.by_bot.fill_null(False), ask.known(t.at))
    w = ibis.window(group_by=["customer", "topic"], order_by=["at", "id"])
    at_us = ask.engine.epoch_us(t.at)
    t = t.mutate(at_us=at_us)
    t = t.mutate(earlier=nullable(t.at_us).lag().over(w), later=nullable(t.at_us).lead().over(w))
    window_us = int(ask.options["window_days"]) * 86_400_000_000
    first = t.earlier.isnull() | (t.at_us - t.earlier > window_us)
    if ask.options["net"]:
        first = first & t.resolvable.fill_null(True)
    mature = ask.known(t.at + _window(ask))
    alone = t.later.isnull() | (t.later - t.at_us > window_us)
    return t.mutate(
        moment=t.at, counts=first & mature, hit=t.resolved.fill_null(False) & alone, immature=first & ~mature
    )


def _one_touch(ask: Ask) -> ir.Table:
    t = ticket_facts(ask, "reply", "resolution")
    t = with_reopened(t.filter(t.first_resolved.notnull()), ask, int(ask.options["window_days"]))
    mature = ask.known(t.first_resolved + _window(ask))
    once = (t.agent_replies == 1) & ~t.reopened
    return t.mutate(moment=t.first_resolved, counts=mature, hit=once, immature=~mature)


def _survey(ask: Ask) -> ir.Table:
    t = ask.table("answers")
    t = t.filter(t.metric == "fcr")
    told = t.score.isin([0.0, 1.0]).fill_null(False)
    return t.mutate(moment=t.at, counts=told, hit=(t.score == 1).fill_null(False), immature=ibis.literal(False))
