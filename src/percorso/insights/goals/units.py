"""How people type a figure; it lives in `percorso.base.units`, for rules of segments are typed so too."""

from percorso.base.units import PLAIN, TYPED, Typed, typed_unit

__all__ = ["PLAIN", "TYPED", "Typed", "typed_unit"]
