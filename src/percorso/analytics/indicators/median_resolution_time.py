from percorso.analytics.methods.resolution import Resolution
from percorso.i18n import mark


class MedianResolutionTime(Resolution):
    label = mark("Median resolution time")
    about = mark("What is the typical time to solve a problem?")
    formula = mark("median of (last resolution − ticket opened) over the tickets that are resolved")
