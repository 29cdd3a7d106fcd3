"""Template tags of the sign-in pages and of a person's account."""

import re

from django import template
from django.utils.translation import gettext

from percorso.accounts.queries import demo_workspace

register = template.Library()

# The first that fits counts: Edge and Opera call themselves Chrome too, Chrome calls itself Safari.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.simple_tag
def demo_offered() -> bool:
    """Whether the sign-in page offers a look at the demo company."""
    return demo_workspace() is not None


@register.filter
def browser_name(user_agent: str) -> str:
    """Which browser on which system, in words; "Unknown browser" for what does not say."""
    found = [_first(names, user_agent) for names in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or gettext("Unknown browser")


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, user_agent)), "")
