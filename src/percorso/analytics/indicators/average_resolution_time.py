from percorso.analytics.methods.resolution import Resolution
from percorso.i18n import mark


class AverageResolutionTime(Resolution):
    label = mark("Average resolution time")
    about = mark("How long does it take to solve the problem for good?")
    formula = mark("mean of (last resolution − ticket opened) over the tickets that are resolved")
    headline = "mean"
