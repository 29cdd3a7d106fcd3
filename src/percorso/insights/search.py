"""Finding indicators by what a person types, in the person's language or in English."""

from django.utils.translation import gettext

from percorso.analytics.methods.base import Indicator
from percorso.base.find import plain


def matches(indicator: Indicator, typed: str) -> bool:
    """Whether every word typed is in the name, the question, the formula or the key."""
    told = (indicator.label, indicator.about, indicator.formula)
    text = plain(" ".join([indicator.key, *told, *map(gettext, told)]))
    return all(word in text for word in plain(typed).split())
