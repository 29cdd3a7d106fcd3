"""Template tags of boards: texts of cards, and the files that figures come as."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from percorso.insights.boards import text
from percorso.insights.downloads import FORMS

register = template.Library()
TABLES = ("xlsx", "csv", "parquet")


@register.filter
def written(words: str) -> SafeString:
    """The HTML of a card's text, see `insights.boards.text`."""
    return text.written(words)


@register.simple_tag
def board_downloads() -> list[tuple[str, str, str]]:
    """The files that a card's figures come as: key, name, picture."""
    return [(form, gettext(FORMS[form][0]), FORMS[form][1]) for form in TABLES]
