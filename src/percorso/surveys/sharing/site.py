"""What other sites load: the widget's loader, and what it must know of a survey. Public, for their visitors are nobody here."""

import json

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from percorso.accounts.access import public
from percorso.base.embedded import SCRIPT, for_all, script_for_all
from percorso.surveys.respond.gate import heard
from percorso.surveys.respond.languages import interface_of, language_of
from percorso.surveys.respond.queries import survey_of
from percorso.surveys.respond.shown import Sheet
from percorso.surveys.sharing.widget import config_of


@require_safe
@public
def widget_script(request: HttpRequest) -> HttpResponse:
    """Serve the loader at an address that never changes, so that pages that hold it need not either."""
    return script_for_all(request, "widget.js")


@public
@heard("GET", "HEAD")
def survey_widget(request: HttpRequest, key: str) -> HttpResponse:
    """Tell the loader the widget's settings (`?site=` origin, `?lang=`).

    A script and no JSON: a site's policy that allows our host's scripts need not allow connections to it.
    """
    survey = survey_of(key)
    assert survey.live is not None
    definition = survey.live.definition
    language = language_of(definition, [request.GET.get("lang", "")], request.headers.get("Accept-Language", ""))
    title = Sheet(survey, definition, language).tell(definition.title) or survey.workspace.name
    with override(interface_of(language)):
        words = {"title": title, "close": gettext("Close")}
    told = config_of(survey, request.GET.get("site", ""), words)
    answer = HttpResponse(f"percorso.told({json.dumps(survey.key)},{json.dumps(told)})", content_type=SCRIPT)
    answer.headers["Vary"] = "Accept-Language"
    return for_all(answer)
