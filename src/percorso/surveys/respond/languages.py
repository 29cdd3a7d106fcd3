"""Which language a respondent reads: of the survey's own, and of the interface around it."""

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation.trans_real import parse_accept_lang_header

from percorso.surveys.definition import Definition

RIGHT_TO_LEFT = ("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi")


def language_of(definition: Definition, wanted: Iterable[str], accepted: str) -> str:
    """Return the first language wanted that the survey has, else the best that the browser accepts, else the survey's own."""
    browsers = (code for code, _ in parse_accept_lang_header(accepted) if code != "*")
    for code in (*wanted, *browsers):
        if found := _nearest(code, definition.languages):
            return found
    return definition.language


def interface_of(language: str) -> str:
    """Return the language of buttons and errors beside texts in `language`: one that percorso has, else English."""
    return _nearest(language, [code for code, _ in settings.LANGUAGES]) or "en"


def interface_wanted(wanted: Iterable[str], accepted: str) -> str:
    """Return the language of a page that belongs to no survey."""
    for code in (*wanted, *(code for code, _ in parse_accept_lang_header(accepted))):
        if found := _nearest(code, [code for code, _ in settings.LANGUAGES]):
            return found
    return "en"


def written(code: str) -> str:
    """Return a language as HTML writes it: pt-BR for Django's pt-br."""
    base, dash, region = code.partition("-")
    return base + dash + (region.upper() if len(region) == 2 else region)


def direction(language: str) -> str:
    """Return which way a language is written."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def own_name(code: str, among: Sequence[str]) -> str:
    """Return what a language calls itself, with its region where others `among` them differ only there; else its code."""
    base = code.partition("-")[0]
    alone = sum(other.partition("-")[0] == base for other in among) == 1
    for known in (base, code.lower()) if alone else (code.lower(), base):
        try:
            return str(get_language_info(known)["name_local"]).capitalize()
        except KeyError:
            continue
    return code


def spoken(text: Mapping[str, str], language: str, default: str) -> str:
    """Return the language in which `Definition.tell` tells a text."""
    base = language.partition("-")[0]
    near = [key for key in text if key.partition("-")[0] == base]
    return next((key for key in (language, base, *near, default, *text) if text.get(key)), language)


def _nearest(code: str, known: Sequence[str]) -> str | None:
    """Return the known language that is `code`, or one of the same base."""
    exact = [k for k in known if k.lower() == code.lower()]
    same = [k for k in known if k.partition("-")[0].lower() == code.partition("-")[0].lower()]
    return next(iter(exact + same), None)
