"""The pages of privacy: what is kept of one person, a copy, erasure and its receipt; what is masked and how long what is kept."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts import audit
from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.accounts.settings_views import tabs
from percorso.base.models import Job
from percorso.customers.forgotten import hashed, is_hashed
from percorso.customers.models import ErasureReceipt, Privacy
from percorso.customers.privacy import erasing, export, retention, shown
from percorso.customers.privacy.forms import FIELD, DecisionsForm, EraseForm, PersonForm
from percorso.customers.privacy.own import EXPORT
from percorso.customers.privacy.subject import Subject, subject_of, subjects_at

ROWS = 25


def _person(workspace: Workspace, customer: str) -> tuple[Subject, list[shown.Line]]:
    """Return a customer and what is kept; 404 when nothing is."""
    if is_hashed(customer):
        raise Http404(customer)
    subject = subject_of(workspace, customer)
    found = shown.lines(workspace, subject)
    if not found:
        raise Http404(customer)
    return subject, found


def _name(subject: Subject) -> str:
    return next(iter((*subject.names, *subject.addresses, *subject.customers)))


def _note(request: HttpRequest, workspace: Workspace, action: str, subject: Subject) -> None:
    audit.record(action, workspace, by=request.user, target=subject.customers[0])  # type: ignore[arg-type]


@require_safe
@member("personal")
def customer_privacy(request: MemberRequest, workspace: Workspace, id: str) -> HttpResponse:
    """Show what is kept of a customer, copies that were made, and how to erase it."""
    subject, found = _person(workspace, id)
    return _privacy(request, workspace, subject, found)


def _privacy(
    request: MemberRequest, workspace: Workspace, subject: Subject, found: list[shown.Line], problem: str = ""
) -> HttpResponse:
    made = [
        {"job": row, "there": export.file_of(row) is not None} for row in export.copies(workspace, subject.customers[0])
    ]
    context = {
        "id": subject.customers[0], "name": _name(subject), "lines": found, "total": shown.total(found), "problem": problem,
        "jobs": [line for line in made if not line["job"].is_over], "done": [line for line in made if line["job"].is_over],
        "addresses": subject.addresses, "shared": subject.shared, "erases": request.membership.may("manage"),
    }  # fmt: skip
    return render(request, "customers/privacy/person.html", context, status=422 if problem else 200)


@require_POST
@member("personal")
def customer_copy(request: MemberRequest, workspace: Workspace, id: str) -> HttpResponseBase:
    """Have a copy of everything that is kept of a customer made."""
    subject, _ = _person(workspace, id)
    export.line_up(workspace, id, get_language() or "en", by=request.user.email)
    _note(request, workspace, "personal_copy_made", subject)
    messages.success(request, gettext("The copy is being made. It can be downloaded here when it is ready."))
    return redirect("customer_privacy", workspace.slug, id)


@require_safe
@member("personal")
def customer_copy_file(request: MemberRequest, workspace: Workspace, id: str, job: int) -> HttpResponseBase:
    """Give the file that a job made."""
    row = get_object_or_404(Job, name=EXPORT, workspace=workspace.slug, pk=job, arguments__customer=id)
    path = export.file_of(row)
    if path is None:
        raise Http404
    audit.record("personal_copy_read", workspace, by=request.user, target=id)
    answer = FileResponse(path.open("rb"), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="personal-data-{timezone.localdate():%Y-%m-%d}.json"'
    return answer


@require_safe
@member("personal")
def customer_read(request: MemberRequest, workspace: Workspace, id: str) -> HttpResponse:
    """Show everything that is kept of a customer, to be read and printed, in the customer's language."""
    subject, _ = _person(workspace, id)
    _note(request, workspace, "personal_copy_read", subject)
    told = next((row.get("language") for row in export.facts_of(workspace, subject, "customers")), None)
    with translation.override(shown.language_of(told, [code for code, _ in settings.LANGUAGES])):
        context = {"id": id, "name": _name(subject), "subject": subject, "sheets": shown.sheets(workspace, subject), "histories": shown.histories(workspace, subject), "now": timezone.now()}  # fmt: skip
        return render(request, "customers/privacy/copy.html", context)


@require_POST
@member("manage")
def customer_erase(request: MemberRequest, workspace: Workspace, id: str) -> HttpResponseBase:
    """Erase a customer, when the name was typed once more."""
    subject, found = _person(workspace, id)
    form = EraseForm(request.POST, name=_name(subject))
    if not form.is_valid():
        return _privacy(request, workspace, subject, found, problem=_first(form))
    return _erased(request, workspace, subject, form)


def _first(form: EraseForm) -> str:
    return next(iter(form.errors.get("confirmed", [gettext("Type the name.")])))


def _erased(request: MemberRequest, workspace: Workspace, subject: Subject, form: EraseForm) -> HttpResponseBase:
    receipt = erasing.erase(workspace, subject, by=request.user, reason=form.cleaned_data["reason"])
    messages.success(
        request, gettext("The person is erased. Facts and files follow within minutes; this is the receipt.")
    )
    return redirect("privacy_receipt", workspace.slug, receipt.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member("manage")
def privacy(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Show and change what is masked on entry and how long what is kept; find people; list receipts."""
    row = Privacy.objects.filter(workspace=workspace).first() or Privacy(workspace=workspace)
    form = DecisionsForm(request.POST or None, row=row)
    if request.method != "POST":
        return _settings(request, workspace, form, retention.preview(workspace, row.months))
    if not form.is_valid():
        return _settings(request, workspace, form, {}, status=422)
    if "try" in request.POST:
        return _settings(request, workspace, form, retention.preview(workspace, form.months), tried=True)
    retention.change(workspace, masked=form.cleaned_data["masked"], months=form.months, by=request.user)
    messages.success(request, gettext("The settings are saved. What is older ends tonight."))
    return redirect("privacy", workspace.slug)


def _settings(
    request: MemberRequest, workspace: Workspace, form: DecisionsForm, found: dict[str, int], *, tried: bool = False, status: int = 200
) -> HttpResponse:  # fmt: skip
    rules = [
        {"field": form[f"{FIELD}{key}"], "rule": rule, "label": gettext(rule.label), "n": found.get(key)}
        for key, rule in retention.rules().items()
    ]
    receipts = Paginator(ErasureReceipt.objects.filter(workspace=workspace), ROWS).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "tabs": tabs(request.membership, "privacy"), "form": form, "rules": rules, "tried": tried, "page": receipts,
        "person_form": PersonForm(), "lift_form": PersonForm(prefix="lift"),
    }  # fmt: skip
    return render(request, "customers/privacy/settings.html", context, status=status)


@require_POST
@member("manage")
def privacy_find(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show who is meant by an address, a phone or an id. By POST, so that the address stands in no address and no log."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _settings(request, workspace, DecisionsForm(row=Privacy(workspace=workspace)), {}, status=422)
    return _found(request, workspace, form.cleaned_data["who"])


def _found(request: MemberRequest, workspace: Workspace, who: str, problem: str = "") -> HttpResponse:
    people = [(subject, shown.lines(workspace, subject)) for subject in subjects_at(workspace, who)]
    found = [
        {"id": subject.customers[0], "name": _name(subject), "lines": lines, "total": shown.total(lines), "key": hashed(workspace, subject.customers[0]), "dialog": f"erase-{number}"}
        for number, (subject, lines) in enumerate(people) if lines
    ]  # fmt: skip
    context = {"tabs": tabs(request.membership, "privacy"), "who": who, "found": found, "problem": problem}
    return render(request, "customers/privacy/found.html", context, status=422 if problem else 200)


def _chosen(request: MemberRequest, workspace: Workspace) -> Subject:
    """Return whom a form of the page of people found means; 404 when it is none of them."""
    people = subjects_at(workspace, request.POST.get("who", "")[:254])
    key = request.POST.get("key", "")
    subject = next((one for one in people if hashed(workspace, one.customers[0]) == key), None)
    if subject is None:
        raise Http404
    return subject


@require_POST
@member("manage")
def privacy_erase(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Erase somebody who was found by an address, also who is no customer."""
    subject = _chosen(request, workspace)
    form = EraseForm(request.POST, name=_name(subject))
    if not form.is_valid():
        return _found(request, workspace, request.POST["who"], problem=_first(form))
    return _erased(request, workspace, subject, form)


@require_POST
@member("manage")
def privacy_copy(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Give the copy of somebody who was found by an address."""
    subject = _chosen(request, workspace)
    _note(request, workspace, "personal_copy_read", subject)
    made = json.dumps(export.collect(workspace, subject), ensure_ascii=False, indent=1)
    answer = HttpResponse(made, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="personal-data-{timezone.localdate():%Y-%m-%d}.json"'
    return answer


@require_POST
@member("manage")
def privacy_lift(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Take data of somebody again who was erased."""
    form = PersonForm(request.POST, prefix="lift")
    if form.is_valid() and erasing.lift(workspace, form.cleaned_data["who"], by=request.user):
        messages.success(request, gettext("Data of this person is taken again from now on."))
    else:
        messages.error(request, gettext("Nobody who was erased was known by this."))
    return redirect("privacy", workspace.slug)


@require_safe
@member("manage")
def privacy_receipt(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show a receipt, to be printed."""
    receipt = get_object_or_404(ErasureReceipt, workspace=workspace, pk=pk)
    lines = shown.counted(receipt)
    context = {
        "receipt": receipt,
        "lines": lines,
        "total": shown.total(lines),
        "tabs": tabs(request.membership, "privacy"),
    }
    return render(request, "customers/privacy/receipt.html", context)


@require_safe
@member("manage")
def privacy_receipt_json(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Give a receipt as JSON."""
    receipt = get_object_or_404(ErasureReceipt.objects.select_related("workspace"), workspace=workspace, pk=pk)
    answer = JsonResponse(shown.receipt_json(receipt))
    answer["Content-Disposition"] = f'attachment; filename="erasure-{receipt.pk}.json"'
    return answer


@require_safe
@member("see")
def privacy_schema(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Give the JSON Schema of copies."""
    return JsonResponse(export.schema())
