"""Pages of surveys that come from other systems, and the files of those that go there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from percorso.accounts import audit
from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import jobs
from percorso.base.models import Job
from percorso.errors import BadQuestion
from percorso.surveys.exchange import actions, uploads
from percorso.surveys.exchange.format import FORMATS, Format, Note, Read
from percorso.surveys.exchange.forms import FilesForm, LookForm
from percorso.surveys.exchange.given import read_files
from percorso.surveys.exchange.jobs import IMPORT
from percorso.surveys.models import Survey
from percorso.surveys.question import QUESTIONS


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_import(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Take the files of another system."""
    form = FilesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        files = form.cleaned_data["files"]
        try:
            read_files(files, zone=workspace.time_zone)
        except BadQuestion as error:
            form.add_error(None, gettext(error.message).format(**error.params))
        else:
            return redirect("survey_import_look", workspace.slug, uploads.keep(workspace, files))
    formats = [{"label": gettext(one.label), "about": gettext(one.about)} for one in FORMATS.values()]
    context = {"form": form, "formats": formats}
    return render(request, "surveys/exchange/import.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_import_look(request: MemberRequest, workspace: Workspace, upload: str) -> HttpResponseBase:
    """Show what the files will become; correct it, then import."""
    path = uploads.folder(workspace, upload)
    if path is None:
        raise Http404
    known, files = uploads.load(path)
    if known.survey:
        return _imported(request, workspace, (path, known))
    kinds = {int(number): kind for number, kind in known.kinds.items()}
    format_, read = read_files(files, kinds, workspace.time_zone)
    name = known.name or actions.name_of(read.definition, known.names[0])
    form = LookForm(request.POST or None, read, name)
    if request.method != "POST" or not form.is_valid():
        return _look_page(request, workspace, format_, read, form)
    known.kinds, known.name = form.kinds(), form.cleaned_data["name"]
    uploads.save(path, known)
    if request.POST.get("do") != "import":
        return redirect("survey_import_look", workspace.slug, upload)
    try:
        kinds = {int(number): kind for number, kind in known.kinds.items()}
        _, read = read_files(files, kinds, workspace.time_zone)
        return _import(request, workspace, read, (path, known))
    except BadQuestion as error:
        form.add_error(None, gettext(error.message).format(**error.params))
        return _look_page(request, workspace, format_, read, form)


def _import(
    request: MemberRequest, workspace: Workspace, read: Read, given: tuple[Path, uploads.Upload]
) -> HttpResponseBase:
    path, known = given
    survey, new = actions.take_survey(workspace, read, name=known.name, by=request.user)
    known.survey = survey.slug
    if read.responses:
        known.job = _line_up(request, workspace, survey, path).pk
    uploads.save(path, known)
    if read.responses:
        return redirect("survey_import_look", workspace.slug, path.name)
    if new:
        messages.success(request, gettext("The survey is a draft: nobody sees it until you publish it."))
    else:
        messages.success(request, gettext("This survey is here already; nothing was changed."))
    return redirect("survey_edit", workspace.slug, survey.slug)


def _imported(request: MemberRequest, workspace: Workspace, given: tuple[Path, uploads.Upload]) -> HttpResponseBase:
    """Show how far the import is; one that was stopped goes on when somebody asks for it."""
    path, known = given
    survey = get_object_or_404(Survey, workspace=workspace, slug=known.survey)
    job = Job.objects.filter(pk=known.job, workspace=workspace.slug).first()
    if request.method == "POST":
        if job is None or job.is_over:
            job = _line_up(request, workspace, survey, path)
            known.job = job.pk
            uploads.save(path, known)
        return redirect("survey_import_look", workspace.slug, path.name)
    done = job.result if job is not None and job.state == Job.State.DONE else None
    stopped = job is not None and job.is_over and done is None
    context = {"survey": survey, "job": job, "done": done, "stopped": stopped, "here": request.get_full_path()}
    return render(request, "surveys/exchange/imported.html", context)


def _line_up(request: MemberRequest, workspace: Workspace, survey: Survey, path: Path) -> Job:
    return jobs.enqueue(IMPORT, workspace=workspace.slug, by=request.user.email, survey=survey.pk, upload=path.name)


def told(note: Note) -> str:
    """Return a note in the language of the page."""
    return gettext(note.template).format(**note.params)


def grouped(notes: Sequence[Note]) -> list[dict[str, Any]]:
    """Return notes in the language of the page: the first of those that say the same of several questions, then the others."""
    several: dict[tuple[Any, ...], list[str]] = {}
    for note in notes:
        same = {key: value for key, value in note.params.items() if key != "question"}
        several.setdefault((note.template, *sorted(same.items())), []).append(told(note))
    return [{"first": first, "more": more} for first, *more in several.values()]


def _look_page(
    request: MemberRequest, workspace: Workspace, format_: Format, read: Read, form: LookForm
) -> HttpResponse:
    definition = read.definition
    known = actions.known_survey(workspace, form["name"].value() or "", read)
    n = len(read.responses)
    context: dict[str, Any] = {
        "form": form,
        "format": gettext(format_.label),
        "questions": [
            {"text": definition.tell(q.text, definition.language) or q.id, "type": gettext(QUESTIONS[q.type].label)}
            for q in definition.questions()
        ],
        "languages": ", ".join(definition.languages),
        "notes": grouped(read.notes),
        "columns": [(form[f"kind-{c.number}"], c.examples) for c in read.columns],
        "n": n,
        "new": n if known is None else actions.new_responses(known, read.responses),
        "known": known,
    }
    return render(request, "surveys/exchange/look.html", context, status=400 if form.errors else 200)


@require_safe
@member("edit")
def survey_definition(request: MemberRequest, workspace: Workspace, survey: str, form: str) -> HttpResponse:
    """Give what a survey asks as a file of a format that is written."""
    found = get_object_or_404(Survey, workspace=workspace, slug=survey)
    if form not in FORMATS or not FORMATS[form].writes:
        raise Http404
    name = f"{found.slug}-{form}.{FORMATS[form].writes}"
    audit.record("downloaded", workspace, by=request.user, target=name)
    answer = HttpResponse(FORMATS[form].write(found.definition), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
