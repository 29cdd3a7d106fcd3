import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class ContainmentRate(Proportion):
    label = mark("Self-service containment rate")
    about = mark("Is the need really solved without a person?")
    formula = mark(
        "conversations with the bot without hand-over and without a contact with a person in the next 24 hours / conversations in earnest"
    )
    table = "contacts"
    family = "service"
    better = "higher"
    time = mark("when the conversation began; counted once 24 hours have passed since its end")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("topic", "channel", "customer.language", "customer.country")
    options = {"window_hours": Option(mark("hours in which a contact with a person counts against it"), default=24)}  # fmt: skip
    exclusions = (
        mark("Conversations not meant in earnest, and anonymous ones, are not in the verified figure."),
        mark("Conversations younger than the window wait aside, contained or not."),
    )
    traps = (
        mark(
            "Without a look at later contacts, giving up counts as success: the raw figure does that and stands beside."
        ),
        mark("Hiding the way to a person raises it: read it with effort and churn."),
    )
    literature = (
        "Meuter M, Ostrom A, Roundtree R, Bitner M (2000) Self-service technologies, Journal of Marketing 64",
        "Wilson E (1927) Probable inference, the law of succession, and statistical inference, Journal of the American Statistical Association 22",
    )

    def rows(self, ask: Ask) -> ir.Table:
        every = ask.table("contacts")
        t = every.filter(every.by_bot, every.engaged.fill_null(False))
        window = ibis.interval(hours=int(ask.options["window_hours"]))
        people = every.filter(~every.by_bot.fill_null(False), ask.known(every.at), every.customer.notnull())
        people = people.select(caller="customer", called_at="at")
        t = t.mutate(ends=ibis.coalesce(t.ended_at, t.at))
        t = t.asof_join(people, t.ends < people.called_at, predicates=[t.customer == people.caller])
        back = ((t.called_at > t.ends) & (t.called_at <= t.ends + window)).fill_null(False)
        alone = ~t.handed_off.fill_null(False)
        mature = ask.known(t.ends + window)
        return t.mutate(
            moment=t.at,
            mature=mature,
            counts=mature & t.customer.notnull(),
            hit=alone & ~back,
            raw=mature & alone,
        )

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            "immature": t.count(where=~t.mature),
            "engaged": t.count(where=t.mature),
            "not_handed_off": t.count(where=t.raw),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures(p, ask)
        engaged = p["engaged"].copy()
        engaged[engaged == 0] = float("nan")
        raw = {"raw_containment": p["not_handed_off"] / engaged}
        return Figures(f.value, f.low, f.high, f.n, {**f.details, **raw})
