"""One file an alert. `ALERTS` finds them by scanning this folder, and those that other packages add.

What an alert sees is a `Series`, what it says a list of `Firing`; `preview` is what it would have said, `grouped` makes
messages of the firings of many series, `contributors` names the segments that moved a figure.
"""

from percorso.insights.alerts._base import FIGURES, SHARES, Aim, Alert, Firing, Series, Settings
from percorso.insights.alerts._contributors import Contribution, Part, contributors
from percorso.insights.alerts._grouping import Flagged, Message, Preview, grouped, preview
from percorso.insights.alerts._reading import fitting_grain, series_of, with_shares
from percorso.registry import Registry

ALERTS: Registry[Alert] = Registry(__name__, Alert, "percorso.alerts")  # type: ignore[type-abstract, type-arg]

__all__ = [
    "ALERTS",
    "FIGURES",
    "SHARES",
    "Aim",
    "Alert",
    "Contribution",
    "Firing",
    "Flagged",
    "Message",
    "Part",
    "Preview",
    "Series",
    "Settings",
    "contributors",
    "fitting_grain",
    "grouped",
    "preview",
    "series_of",
    "with_shares",
]
