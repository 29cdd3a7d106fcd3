"""The languages that surveys are written in, by the names that they call themselves."""

from functools import lru_cache

from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info

from percorso.surveys.respond.languages import written

# Percorso's own, in which templates are.
OWN = ("en", "pt-BR", "it")
# Close to one of those that there is anyway.
LEFT_OUT = ("en-AU", "en-GB")


def language_name(code: str) -> str:
    """Return what a language calls itself; its code when nobody here knows."""
    try:
        return str(get_language_info(code.lower())["name_local"]).capitalize()
    except KeyError:
        return code


@lru_cache(maxsize=1)
def language_choices() -> tuple[tuple[str, str], ...]:
    """Return the languages that a survey can be written in: percorso's own first."""
    codes = {written(code) for code, info in LANG_INFO.items() if "name_local" in info}
    others = [(code, language_name(code)) for code in codes - {*OWN, *LEFT_OUT}]
    return (*own_choices(), *sorted(others, key=lambda pair: pair[1].casefold()))


def own_choices() -> list[tuple[str, str]]:
    """Return percorso's own languages."""
    return [(code, language_name(code)) for code in OWN]
