"""The faces of personas in templates."""

from django import template
from django.utils.safestring import SafeString

from percorso.customers.faces import drawn

register = template.Library()


@register.simple_tag
def face(key: str, size: int = 64) -> SafeString:
    """A drawn face; the persona's name stands beside it."""
    return drawn(key, size)
