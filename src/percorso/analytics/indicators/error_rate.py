import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.occurrences import names_of
from percorso.analytics.methods.ratio import Ratio
from percorso.i18n import mark

LARGEST = 1e15


class ErrorRate(Ratio):
    label = mark("Error rate")
    about = mark("How many requests fail?")
    formula = mark("failed requests / requests, added up over users")
    table = "events"
    family = "product"
    unit = "share"
    better = "lower"
    time = mark("when it happened")
    range = (0.0, 1.0)
    level, kind, nature = "tactical", "input", "leading"
    segments = ("page", "device", "channel", "customer.country")
    options = {
        "counted": Option(
            mark("name of the event that tells numbers of requests and errors in its properties"),
            default="Requests Counted",
        ),
        "request": Option(
            mark("names of the events that are one request each"),
            default="Page Viewed, Product Viewed, Cart Viewed, Checkout Step Viewed",
        ),
        "error": Option(mark("names of the events that are one failed request each"), default="Error Occurred"),
    }  # fmt: skip
    exclusions = (mark("Counts that are negative or not a number are taken as 0."),)
    traps = (
        mark(
            "Errors come in clusters: one user's broken browser is not thousands of failures, and the interval says so."
        ),
        mark("Who retries fails again: errors per user tell how many people are hit."),
    )
    literature = ("Beyer B, Jones C, Petoff J, Murphy N (2016) Site Reliability Engineering, chapter 6",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("events")
        requests, errors = names_of(ask.options["request"]), names_of(ask.options["error"])
        t = t.filter(t.name.isin([ask.options["counted"], *requests, *errors]), self.who(t).notnull())
        told = t.name == ask.options["counted"]
        return t.mutate(
            moment=t.at,
            requests=ibis.cases((told, _number(t, "requests", ask)), (t.name.isin(requests + errors), 1.0), else_=0.0),
            errors=ibis.cases((told, _number(t, "errors", ask)), (t.name.isin(errors), 1.0), else_=0.0),
        )

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"y": t.errors.sum(), "x": t.requests.sum()}


def _number(t: ir.Table, key: str, ask: Ask) -> ir.FloatingValue:
    told = ask.engine.json_text(t.properties, key).try_cast("float64")
    return ibis.ifelse(((told >= 0) & (told < LARGEST)).fill_null(False), told, 0.0)
