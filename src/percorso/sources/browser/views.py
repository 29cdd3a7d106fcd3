"""Where sites load the script from. Public, for their visitors are nobody here."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from percorso.accounts.access import public
from percorso.base.embedded import script_for_all


@require_safe
@public
def browser_script(request: HttpRequest) -> HttpResponse:
    """Serve the script at an address that never changes; with `crossorigin` too, so that integrity rules can ask for it."""
    answer = script_for_all(request, "track.js")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
