import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Indicator, Option, Parts
from percorso.analytics.methods.mean import compare_means, mean_of, mean_parts
from percorso.analytics.statistics.comparisons import Comparison
from percorso.i18n import mark

STARS = (1.0, 5.0)
MINIMUM_WEIGHT = 5


class ReviewRating(Indicator):
    label = mark("Online review rating")
    about = mark("What do public reviews say, and which item is really better?")
    formula = mark(
        "mean of the stars; for ranking, (C · m + Σ stars) / (C + n) with m the mean of all reviews and C the median of reviews an item"
    )
    table = "mentions"
    family = "surveys"
    unit = "stars"
    better = "higher"
    method = "mean"
    time = mark("when it was written")
    interval = mark("Student's t interval of the mean")
    test = mark("Welch's t test")
    minimum_n = 5
    materiality = 0.1
    range = STARS
    level, kind, nature = "tactical", "impact", "lagging"
    segments = ("item", "channel", "touchpoint", "language", "customer.country")
    options = {
        "prior_mean": Option(mark("m of the Bayesian average; empty: the mean of all reviews of the workspace")),
        "prior_weight": Option(mark("C of the Bayesian average; empty: the median of reviews an item, at least 5")),
    }  # fmt: skip
    exclusions = (
        mark("Ratings outside of one to five stars are left out and counted."),
        mark("Texts without stars do not count."),
    )
    traps = (
        mark("One review of five stars is no best product: rank by the Bayesian average, show the mean."),
        mark("Delighted and furious people write reviews; the rest do not. It is no satisfaction score."),
        mark("Asking only happy customers for a review breaks most platforms' rules."),
    )
    literature = (
        "Chevalier J, Mayzlin D (2006) The effect of word of mouth on sales: online book reviews, Journal of Marketing Research 43",
        "Efron B, Morris C (1977) Stein's paradox in statistics, Scientific American 236",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = _reviews(ask)
        if ask.options["prior_mean"] is None or ask.options["prior_weight"] is None:
            t = t.cross_join(_prior(t))
        return t.mutate(moment=t.at)

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        prior = {}
        if "prior_mean" in t.columns:
            prior = {"min_prior_mean": t.prior_mean.min(), "min_prior_weight": t.prior_weight.min()}
        return {
            **mean_parts(t, t.rating, t.valid),
            "positive": t.count(where=t.valid & (t.rating >= 4)),
            "replied": t.count(where=t.valid & t.reply_at.notnull()),
            "n_invalid": t.count(where=t.rating.notnull() & ~t.valid),
            **prior,
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        mean = mean_of(p, ask, *STARS)
        m = _given(ask.options["prior_mean"], p, "min_prior_mean")
        c = _given(ask.options["prior_weight"], p, "min_prior_weight")
        with np.errstate(invalid="ignore", divide="ignore"):
            details = {
                "bayesian_average": (c * m + p["total"]) / (c + p["n"]),
                "prior_mean": m,
                "prior_weight": c,
                "share_positive": p["positive"] / p["n"],
                "reply_rate": p["replied"] / p["n"],
                "interval_note": np.atleast_1d(mean.note),
                "n_invalid": p["n_invalid"].astype(np.int64),
            }
        return Figures(mean.value, mean.low, mean.high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return compare_means(p, a, b, ask)


def _reviews(ask: Ask) -> ir.Table:
    t = ask.table("mentions")
    t = t.filter(t.source == "review")
    valid = (t.rating >= STARS[0]) & (t.rating <= STARS[1])
    return t.mutate(valid=valid.fill_null(False))


def _prior(t: ir.Table) -> ir.Table:
    """Return m and C over all reviews of the workspace: one row."""
    valid = t.filter(t.valid)
    items = valid.group_by("item").aggregate(reviews=valid.count(), total=valid.rating.sum())
    half = items.mutate(turn=ibis.row_number().over(order_by=items.reviews), of=items.reviews.count().over())
    middle = (half.turn == (half.of - 1) // 2) | (half.turn == half.of // 2)
    return half.aggregate(
        prior_mean=half.total.sum() / half.reviews.sum(),
        prior_weight=ibis.greatest(half.reviews.mean(where=middle), float(MINIMUM_WEIGHT)),
    )


def _given(option: float | None, p: Parts, part: str) -> np.ndarray:
    return p[part] if option is None else np.full(len(p["n"]), float(option))
