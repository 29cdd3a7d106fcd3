"""The help of the page about speed."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "speed": (
        mark("Page speed"),
        (
            mark("Web vitals as visitors' own browsers measured them: what three quarters of the visits got at worst (the 75th percentile), with its interval. Good is up to 2.5 s for the largest paint (LCP), 200 ms for the response (INP), 0.1 for the layout shift (CLS)."),
            mark("Choose a measurement by its card, and what it is broken down by: page, device, country or release. Percentiles of pages are never averaged: each is computed from the measurements."),
            mark("“What it goes with” compares the scores of customers who lived through slow or broken pages in the 28 days before they answered with those of customers who did not. It is no proof of a cause: who has an old phone differs in more than in speed. Verdicts are adjusted for the number of troubles compared."),
            mark("Errors are told by how many customers met them, not by how often they happened: one broken browser can fail a thousand times."),
        ),
    ),
}  # fmt: skip
