"""Why a figure is missing or not fully sound: one sentence a status, the same on pages, in the API and in reports."""

from percorso.i18n import mark

REASONS = {
    "low_sample": mark("too few to rely on"),
    "suppressed": mark("hidden: so few people could be recognised"),
    "incomplete": mark("a part of the facts is missing"),
    "invalid": mark("the facts contradict each other"),
    "no_probabilities": mark("no customer has a probability to leave: bring one in as the trait churn_probability"),
    "no_data": mark("no data in this period"),
    "insufficient_data": mark("too little is known for a figure"),
    "unbounded": mark("nothing was lost, so that the figure has no limit"),
    "mixed_currencies": mark("several currencies: break down or filter by currency"),
    "mixed_versions": mark("several versions of the classifier: break down or filter by properties.model_version"),
    "months_only": mark("costs are booked by month: ask for whole months"),
    "mixed_scales": mark("several answer scales: break down or filter by survey"),
}
