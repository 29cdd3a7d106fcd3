import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class TopicShare(Proportion):
    label = mark("Topic share")
    about = mark("What do people talk about, and is a topic growing?")
    formula = mark("comments that mention the topic / comments with text that were read for topics")
    table = "mentions"
    family = "surveys"
    better = None
    time = mark("when it was written")
    level, kind, nature = "tactical", "process", "leading"
    always_by = ("topic",)
    segments = ("source", "channel", "touchpoint", "language", "customer.country")
    exclusions = (mark("Comments without text, and those not yet read for topics, are left out."),)
    traps = (
        mark("A comment may mention several topics: the shares do not add up to 1."),
        mark("Many topics looked at together find a change by chance: read the adjusted p-values."),
    )
    literature = ("Krippendorff K (2018) Content Analysis: an introduction to its methodology, 4th ed.",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("mentions")
        t = t.filter(t.text.notnull() & (t.text != ""), t.themes.notnull())
        t = t.mutate(moment=t.at, mentioned=ask.engine.json_texts(t.themes))
        known = t.filter(ask.known(t.at))
        topics = known.select(topic=known.mentioned.unnest()).distinct()
        # A row a comment and topic, so that every topic has all comments in its denominator.
        t = t.cross_join(topics)
        return t.mutate(hit=t.mentioned.contains(t.topic))

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.topic.notnull()

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return None
