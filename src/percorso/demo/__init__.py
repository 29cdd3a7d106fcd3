"""The demo company Brumora: two years of simulated facts with known causes (see `docs/demo.md`)."""

from percorso.demo.simulation import fill
from percorso.demo.truth import Truth

__all__ = ["Truth", "fill"]
