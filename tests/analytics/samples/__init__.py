"""Further facts of the small company, a file a family of indicators."""

from tests.analytics.samples import commerce, product, research, revenue

__all__ = ["commerce", "product", "research", "revenue"]
