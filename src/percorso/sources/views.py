"""The pages of imports: history, upload, what the columns are, one import."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts import audit
from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import owner
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark
from percorso.sources import actions, queries, shown
from percorso.sources.arrivals import Arrivals, is_too_large
from percorso.sources.connector import CONNECTORS, Context, checked
from percorso.sources.forms import FormatForm, MappingForm, SettingsForm, UploadForm, limit_mb, too_large
from percorso.sources.look import Look, look_at
from percorso.sources.mapping import Mapping
from percorso.sources.models import Import
from percorso.sources.readers import Format
from percorso.sources.uploads import KEPT

ON_A_PAGE = 25
REJECTED_ON_A_PAGE = 50


@require_safe
@member("edit")
def history(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the imports, the newest first."""
    rows = queries.imports(workspace).defer("preview", "told", "mapping", "config", "tables")
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    lines = [shown.listed(row) for row in page]
    return render(request, "sources/imports.html", {"page": page, "lines": lines})


@csrf_exempt  # checked inside: the check reads the body, which has to be limited and given its place before
@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def upload(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Show what can be imported, and take files in."""
    if request.method != "POST":
        return _upload_page(request, UploadForm())
    if is_too_large(request):
        return _upload_page(request, UploadForm(), too_large(limit_mb()), 413)
    request.upload_handlers = [Arrivals(request)]
    try:
        return _take(request, workspace)
    except OSError as error:
        full = mark(
            "The server could not keep the file ({reason}). Is its disk full? Free some space and upload it again."
        )
        raise UserError(full, reason=error.strerror or type(error).__name__) from error


@csrf_protect
def _take(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form, status=422)
    files: list[UploadedFile] = form.cleaned_data["files"]
    given = [(file.name or "", Path(file.temporary_file_path())) for file in files]  # type: ignore[attr-defined]
    row = actions.keep_upload(workspace, form.cleaned_data["connector"], given, by=request.user)
    answer = redirect("import_mapping", workspace.slug, row.pk)
    if "X-Upload" in request.headers:
        answer.status_code = 201  # a script would follow a redirect by itself and then open the page once more
    return answer


def _upload_page(request: MemberRequest, form: UploadForm, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "problem": problem, "limit": limit_mb(), "too_large": too_large(limit_mb())}
    return render(request, "sources/new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def mapping(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show what the columns are taken for; try the import, or start it."""
    row = _row(workspace, pk)
    if row.state != Import.State.DRAFT:
        return redirect("import", workspace.slug, row.pk)
    look = _look(row)
    form = _form(row, look, request.POST if request.method == "POST" else None)
    if request.method != "POST" or form is None or not form.is_valid():
        return _mapping_page(request, row, look, form)
    settings = {name: value for name, value in row.config.items() if name in Format.model_fields}
    if isinstance(form, MappingForm):
        actions.describe_import(row, settings, form.mapping)
    else:
        actions.describe_import(row, settings | form.cleaned_data)
    if request.POST.get("do") == "import":
        actions.run_import(row, by=request.user)
        return redirect("import", workspace.slug, row.pk)
    actions.try_import(row, by=request.user)
    return redirect("import_mapping", workspace.slug, row.pk)


def _look(row: Import) -> Look:
    entry = CONNECTORS[row.connector]
    settings = checked(entry.Config, {k: v for k, v in row.config.items() if k in Format.model_fields}, row.connector)
    given = Mapping.model_validate(row.mapping) if row.mapping else None
    zone = row.workspace.time_zone
    context = Context(zone, kept=queries.kept_mappings(row.workspace, row.connector), mapping=given)
    return look_at(entry, row.paths(), settings, context)


def _form(row: Import, look: Look, data: Any) -> MappingForm | SettingsForm | None:
    """Return the form for what is to be said about the files; None when none of them can be read."""
    if not look.columns:
        return None
    if look.mapping is not None:
        return MappingForm(look, look.mapping, data)
    return SettingsForm(CONNECTORS[row.connector].Config, data, initial=row.config)


def _mapping_page(request: MemberRequest, row: Import, look: Look, form: Any) -> HttpResponse:
    preview = None if row.is_busy else row.preview
    context: dict[str, Any] = {
        "row": row,
        "name": ", ".join(row.shown_names),
        "connector": shown.connector_label(row),
        "look": look,
        "form": form,
        "mapped": isinstance(form, MappingForm),
        "reasons": any(column.reason for column in look.columns),
        "format_form": FormatForm(initial=row.config),
        "kinds": [(name, gettext(about)) for name, about in look.kinds if about],
        "problems": [shown.sentence(m.template, dict(m.params | _named(m.params))) for m in look.problems],
        "warnings": [shown.sentence(m.template, dict(m.params)) for m in look.warnings],
        "preview": preview,
    }
    if preview:
        context |= _tried(request, row, preview)
    status = 422 if request.method == "POST" else 200
    return render(request, "sources/mapping.html", context, status=status)


def _named(params: Any) -> dict[str, str]:
    return {"file": str(params["file"]).rpartition("/")[2]} if "file" in params else {}


def _tried(request: MemberRequest, row: Import, preview: dict[str, Any]) -> dict[str, Any]:
    """What a dry run found, for the page."""
    page = _rejected_page(request, queries.RejectedRows(row.tried_path, preview.get("rejected", 0)))
    return {
        "told": shown.told(preview["told"]),
        "tables": shown.table_counts(preview.get("tables", {})),
        "first": shown.first_rows(preview.get("first", {})),
        "rejected_page": page,
        "rejected_rows": [shown.rejected_row(entry, row) for entry in page],
    }


def _rejected_page(request: MemberRequest, rows: queries.RejectedRows) -> Any:
    return Paginator(rows, REJECTED_ON_A_PAGE).get_page(request.GET.get("page"))


@require_POST
@member("edit")
def read_again(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Look at the files once more, with another encoding, delimiter or sheet."""
    row = _row(workspace, pk)
    form = FormatForm(request.POST)
    if form.is_valid() and row.state == Import.State.DRAFT:
        actions.describe_import(row, form.cleaned_data)
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return redirect("import_mapping", workspace.slug, row.pk)


@require_safe
@member("edit")
def detail(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one import: how it went, what was rejected, what can be done with it."""
    row = _row(workspace, pk)
    if row.state == Import.State.DRAFT:
        return redirect("import_mapping", workspace.slug, row.pk)
    page = _rejected_page(request, queries.RejectedRows(row.rejected_path, row.rejected))
    context = shown.listed(row) | {
        "told": shown.told(row.told),
        "tables": shown.table_counts(row.tables),
        "rejected_page": page,
        "rejected_rows": [shown.rejected_row(entry, row) for entry in page],
        "used": shown.used(row),
        "feeds": [] if row.is_busy else queries.fed_indicators(row, owner.store()),
        "kept_until": row.started_at + KEPT,
        "may_undo": not row.is_busy and row.standing not in (Import.State.UNDONE, Import.State.RUNNING),
        "may_repeat": bool(row.upload) and not row.is_busy,
    }
    return render(request, "sources/import.html", context)


@require_POST
@member("edit")
def again(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Run an import once more."""
    row = _row(workspace, pk)
    if row.state == Import.State.DRAFT:
        raise BadQuestion(mark("This import is a draft: say what its columns are first."))
    actions.run_import(row, by=request.user)
    messages.success(request, gettext("The import runs again. What is there already does not count twice."))
    return redirect("import", workspace.slug, row.pk)


@require_POST
@member("edit")
def stop(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Stop what is at work on an import."""
    row = _row(workspace, pk)
    actions.stop_import(row, by=request.user)
    messages.success(request, gettext("The import is told to stop. What was read by then stays."))
    return redirect("import", workspace.slug, row.pk)


@require_POST
@member("edit")
def undo(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Take the rows of an import out of all figures."""
    row = _row(workspace, pk)
    actions.undo_import(row, by=request.user)
    messages.success(request, gettext("The import is being undone."))
    return redirect("import", workspace.slug, row.pk)


@require_POST
@member("edit")
def discard(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Throw a draft and its files away."""
    actions.discard_import(_row(workspace, pk), by=request.user)
    messages.success(request, gettext("The uploaded files are deleted."))
    return redirect("imports", workspace.slug)


@require_safe
@member("edit")
def rejected(request: MemberRequest, workspace: Workspace, pk: int) -> FileResponse:
    """Download the records that could not be imported, as JSON Lines: file, line, reason, values."""
    row = _row(workspace, pk)
    path = row.tried_path if row.state == Import.State.DRAFT else row.rejected_path
    if not path.is_file():
        raise Http404
    audit.record("downloaded", workspace, by=request.user, target=path.name, import_id=row.pk)
    name = f"{workspace.slug}-import-{row.pk}-rejected.jsonl"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/x-ndjson")


def _row(workspace: Workspace, pk: int) -> Import:
    return get_object_or_404(queries.imports(workspace), pk=pk)
