"""One file an indicator. `INDICATORS` finds them by scanning this folder, and those that other packages add."""

from percorso.analytics.methods.base import Indicator
from percorso.registry import Registry

INDICATORS: Registry[Indicator] = Registry(__name__, Indicator, "percorso.indicators")
