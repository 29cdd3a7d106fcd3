"""The widget's settings: kept with the survey's look, so that the code in a site's pages never has to be pasted again."""

from fnmatch import fnmatchcase
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from percorso.i18n import mark
from percorso.surveys.models import Survey

ON = {
    "load": mark("As soon as the page is there"),
    "time": mark("After some seconds on the page"),
    "scroll": mark("When so much of the page was scrolled"),
    "exit": mark("When the pointer leaves for the address bar"),
    "event": mark("When the site tells of an event"),
    "click": mark("When something is clicked"),
    "call": mark("Only when the site opens it"),
}
POSITIONS = {"right": mark("Below, right"), "left": mark("Below, left"), "centre": mark("In the middle")}
THEMES = {"auto": mark("As the visitor's device"), "light": mark("Light"), "dark": mark("Dark")}


class Widget(BaseModel):
    """When the widget opens, to whom, and where it stands. share : of visitors, 0 to 1. scroll : percent of the page."""

    model_config = ConfigDict(extra="ignore")

    on: Literal["load", "time", "scroll", "exit", "event", "click", "call"] = "load"
    seconds: int = Field(10, ge=0, le=3600)
    scroll: int = Field(50, ge=1, le=100)
    event: str = Field("", max_length=80)
    click: str = Field("", max_length=200)
    page: str = Field("", max_length=200)
    share: float = Field(1.0, gt=0, le=1)
    position: Literal["right", "left", "centre"] = "right"
    theme: Literal["auto", "light", "dark"] = "auto"


def widget_of(survey: Survey) -> Widget:
    """Return the settings of a survey's widget; the usual ones where none were chosen."""
    try:
        return Widget.model_validate(survey.look.get("widget") or {})
    except ValidationError:
        return Widget.model_validate({})


def may_show(survey: Survey, site: str) -> bool:
    """Whether a site (its origin) is one of those that may show the survey in a frame."""
    return any(fnmatchcase(site, str(known)) for known in survey.sites)


def tag_of(survey: Survey) -> str:
    """Return the code to paste into a site's pages."""
    host = str(settings.PUBLIC_URL)
    return f'<script async src="{host}{reverse("widget_script")}" data-survey="{survey.key}"></script>'


def only_here() -> bool:
    """Whether the address that percorso believes to have works on this computer only."""
    return urlsplit(str(settings.PUBLIC_URL)).hostname in ("127.0.0.1", "localhost", "::1")


def config_of(survey: Survey, site: str, words: dict[str, str]) -> dict[str, Any]:
    """Return what the loader needs to know: settings, words, and whether it may open at all on a site."""
    opens = survey.is_open and may_show(survey, site)
    return widget_of(survey).model_dump() | words | {"open": opens, "days": survey.gap_days}
