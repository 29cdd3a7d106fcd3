from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.vitals import MEASURED, Vitals
from percorso.i18n import mark


class WebVitals(Vitals):
    label = mark("Core Web Vitals (LCP, INP, CLS; also FCP, TTFB)")
    about = mark("Is the site fast, responsive and stable for 75 % of visits?")
    unit = "milliseconds"
    options = {
        "metric": Option(
            mark("largest paint, response to an interaction, first paint, or first byte"),
            default="LCP",
            choices=("LCP", "INP", "FCP", "TTFB"),
        ),
        "measured": MEASURED,
    }  # fmt: skip

    def metric(self, ask: Ask) -> str:
        return str(ask.options["metric"])
