from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.vitals import Vitals
from percorso.i18n import mark


class LayoutShift(Vitals):
    label = mark("Layout shift (CLS)")
    about = mark("Does the page stay still while people read it, for 75 % of visits?")
    unit = "number"

    def metric(self, ask: Ask) -> str:
        return "CLS"
