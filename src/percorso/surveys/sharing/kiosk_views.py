"""The kiosk's addresses: public as the survey's own page is, for who stands before the device is nobody here."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError

from percorso.accounts.access import public
from percorso.surveys.respond.ending import Ended, why_closed
from percorso.surveys.respond.gate import answered, heard
from percorso.surveys.respond.languages import language_of
from percorso.surveys.respond.queries import survey_of
from percorso.surveys.sharing.kiosk import Batch, keep_all
from percorso.surveys.sharing.kiosk_page import kiosk_html, no_kiosk_html, worker_script
from percorso.surveys.sharing.ways import worked_out_of


@public
@heard("GET", "HEAD")
def survey_kiosk(request: HttpRequest, key: str) -> HttpResponse:
    """Show the survey on a device that many people use, one after another; nothing tells who they are."""
    survey = survey_of(key)
    assert survey.live is not None
    wanted, accepted = [request.GET.get("lang", "")], request.headers.get("Accept-Language", "")
    language = language_of(survey.live.definition, wanted, accepted)
    if not survey.is_open:
        raise Ended(why_closed(survey), survey, language)
    if worked_out_of(survey.live).reasons:
        return answered(survey, language, no_kiosk_html(survey, language), status=409)
    return answered(survey, language, kiosk_html(survey, language))


@public
@csrf_exempt
@heard("POST")
def survey_kiosk_answers(request: HttpRequest, key: str) -> HttpResponse:
    """Take in what a device has kept (a `Batch`); it may send the same again. No cookie of ours, so no token of one."""
    survey = survey_of(key)
    if request.content_type != "application/json":
        # What a form on another site can send: no kiosk does.
        return JsonResponse({"error": "Answers of a kiosk are JSON."}, status=403)
    try:
        batch = Batch.model_validate_json(request.body)
    except ValidationError:
        return JsonResponse({"error": "These are no answers of a kiosk."}, status=400)
    done = keep_all(survey, batch)
    not_taken = {key: became.not_taken for key, became in done.items() if became.not_taken}
    return JsonResponse({"done": {key: became.state for key, became in done.items()}, "not_taken": not_taken})


@public
@heard("GET", "HEAD")
def survey_kiosk_worker(request: HttpRequest, key: str) -> HttpResponse:
    """Serve the script that keeps the page on the device; below the page, for it may look after nothing else."""
    answer = HttpResponse(worker_script(survey_of(key)), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
