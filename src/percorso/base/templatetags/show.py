"""Template tags of the components: assets, icons, and figures in words."""

from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info

from percorso.base import words
from percorso.base.assets import asset as built

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built browser asset."""
    return static(built(name))


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A picture from the sprite; it says nothing to a screen reader, so words stand beside it."""
    return format_html(
        '<svg class="glyph" width="{}" height="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size,
        size,
        static(built("icons.svg")),
        name,
    )


@register.filter
def count(n: int | None) -> str:
    """A whole number with the language's grouping."""
    return "–" if n is None else words.count(n)


@register.filter
def own_name(code: str) -> str:
    """What a language calls itself, in one word."""
    return str(get_language_info(code)["name_local"]).partition(" ")[0].capitalize()


@register.simple_tag
def number(value: Any) -> str:
    """A coordinate for SVG: always with a decimal point, whatever the language."""
    return "" if value is None else f"{float(value):g}"
