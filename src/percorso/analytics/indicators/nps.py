from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.net import NetPromoter
from percorso.i18n import mark


class Nps(NetPromoter):
    label = mark("Net Promoter Score")
    about = mark("How many more customers would recommend us than would warn others off?")
    level, kind, nature = "strategic", "impact", "leading"
    segments = ("channel", "touchpoint", "customer.country", "customer.plan", "customer.segment", "team")
    exclusions = (
        mark("Answers off the scale, not a whole number or not given are left out and counted; nothing is clamped."),
        mark("With “latest per customer” only the latest valid answer counts; earlier ones are counted as repeated."),
    )
    traps = (
        mark(
            "The overall score is not the mean of the aspects' scores or of the segments': it is counted from the answers."
        ),
        mark("Below a few hundred answers a step of several points is chance: read the interval before the arrow."),
        mark(
            "A 1–10 scale, or boxes coloured from red to green, give other figures: compare only the plain 0–10 question."
        ),
    )
    literature = (
        "Reichheld F (2003) The one number you need to grow, Harvard Business Review 81",
        "Rocks B (2016) Interval estimation for the Net Promoter Score, The American Statistician 70",
    )

    def picks(self, ask: Ask) -> dict[str, tuple[str | None, ...]]:
        # Answers about one aspect are figures of their own (nps_aspect) and never pooled into this one.
        return {**super().picks(ask), "aspect": ("company", None)}
