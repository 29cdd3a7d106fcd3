"""Template tags of the components: assets, icons, and figures in words."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select, SelectMultiple, Textarea
from django.forms.widgets import CheckboxSelectMultiple, RadioSelect
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext

from percorso.base import words
from percorso.base.assets import asset as built
from percorso.base.jobs import KINDS
from percorso.base.models import Job

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


@dataclass(frozen=True)
class Control:
    """The control of a form's field: its HTML, whether it is ticked (label beside it), whether it is several controls."""

    html: SafeString
    ticks: bool
    many: bool
    described: str


@register.simple_tag
def fitted(field: BoundField) -> Control:
    """A field's control in our look, tied to its help and errors."""
    widget = field.field.widget
    ticks, many = isinstance(widget, CheckboxInput), isinstance(widget, (CheckboxSelectMultiple, RadioSelect))
    shape = (
        "form-check-input"
        if ticks or many
        else "form-select"
        if isinstance(widget, (Select, SelectMultiple))
        else "form-control"
    )
    attrs: dict[str, Any] = {"class": " ".join(filter(None, (widget.attrs.get("class"), shape)))}
    if isinstance(widget, Textarea) and widget.attrs.get("rows") == "10":  # Django's default, too tall here
        attrs["rows"] = 4
    return Control(field.as_widget(attrs=attrs), ticks, many, field.aria_describedby)


@register.simple_tag
def job_label(job: Job) -> str:
    """What a job does, in words; its name when this version does not know it any more."""
    kind = KINDS.get(job.name)
    return gettext(kind.label) if kind else job.name


@register.simple_tag
def told(notice: Any) -> str:
    """A notice's sentence in the language of the request, its places filled."""
    return gettext(notice.template).format(**notice.params)


@register.simple_tag(takes_context=True)
def same_address(context: Context, **changes: Any) -> str:
    """The query string of this page with some parameters changed; None takes one away."""
    given = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            given.pop(name, None)
        else:
            given[name] = value
    return "?" + given.urlencode()


@register.filter
def own_name(code: str) -> str:
    """What a language calls itself, in one word."""
    return str(get_language_info(code)["name_local"]).partition(" ")[0].capitalize()


@register.simple_tag
def number(value: Any) -> str:
    """A coordinate for SVG: always with a decimal point, whatever the language."""
    return "" if value is None else f"{float(value):g}"
