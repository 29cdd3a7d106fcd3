"""Downloading what was answered."""

from io import BytesIO
from typing import Any, BinaryIO

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from percorso.accounts import audit
from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import jobs
from percorso.base.models import Job
from percorso.surveys.models import Response, Survey
from percorso.surveys.results import exports, queries
from percorso.surveys.results.files import TYPES
from percorso.surveys.results.forms import FORMS, ExportForm
from percorso.surveys.tabs import tabs_of


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def survey_export(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Offer the answers as files; give one (POST), or have it made when it is large."""
    found = get_object_or_404(queries.survey_of(workspace, survey))
    if request.method == "POST":
        form = ExportForm(request.POST)
        if not form.is_valid():
            raise Http404
        return _give(request, found, form.cleaned_data["form"])
    lines = [_line(request, row) for row in exports.exports(found)]
    context = {
        "survey": found,
        "tabs": tabs_of(found, "survey", request.membership),
        "forms": [(key, gettext(label)) for key, label in FORMS.items()],
        "jobs": [line for line in lines if not line["job"].is_over],
        "done": [line for line in lines if line["job"].is_over],
        "reads": request.membership.may("personal"),
        "edits": request.membership.may("edit"),
        "n": Response.objects.filter(survey=found).count(),
        "here": request.get_full_path(),
    }
    return render(request, "surveys/results/export.html", context)


def _give(request: MemberRequest, survey: Survey, form: str) -> HttpResponseBase:
    """Return the file, or line up the job that makes it."""
    reads, language = request.membership.may("personal"), get_language() or "en"
    audit.record("downloaded", survey.workspace, by=request.user, target=exports.file_name(survey, form))
    if not survey.anonymous and Response.objects.filter(survey=survey).count() > exports.AT_ONCE:
        slug = survey.workspace.slug
        jobs.enqueue(exports.JOB, workspace=slug, by=request.user.email, survey=survey.pk, form=form, language=language, reads=reads)  # fmt: skip
        messages.success(request, gettext("The file is being made. It can be downloaded here when it is ready."))
        return redirect("survey_export", slug, survey.slug)
    path, _ = exports.make(survey, form, language=language, reads=reads)
    content = BytesIO(path.read_bytes())
    path.unlink()
    return _response(content, survey, form)


def _response(content: BinaryIO, survey: Survey, form: str) -> FileResponse:
    answer = FileResponse(content, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{exports.file_name(survey, form)}"'
    return answer


def _may(request: MemberRequest, row: Job) -> bool:
    """Whether a person may have the file that a job made: with texts and identities only who may see them."""
    return not row.arguments.get("reads") or request.membership.may("personal")


def _line(request: MemberRequest, row: Job) -> dict[str, Any]:
    made = row.state == Job.State.DONE and bool(row.result)
    there = made and (exports.folder() / row.result["file"]).exists()
    return {"job": row, "form": gettext(FORMS[row.arguments["form"]]), "there": there and _may(request, row)}


@require_safe
@member("analyse")
def survey_export_file(request: MemberRequest, workspace: Workspace, survey: str, job: int) -> HttpResponseBase:
    """Give the file that a job made."""
    found = get_object_or_404(queries.survey_of(workspace, survey))
    row = get_object_or_404(Job, name=exports.JOB, workspace=workspace.slug, pk=job, arguments__survey=found.pk)
    if row.state != Job.State.DONE or not row.result or not _may(request, row):
        raise Http404
    path = exports.folder() / row.result["file"]
    if not path.exists():
        raise Http404
    return _response(open(path, "rb"), found, row.arguments["form"])
