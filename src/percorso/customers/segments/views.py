"""Segments: the list, one segment, the builder with its live count."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.segments import parse, to_json
from percorso.customers.models import Segment
from percorso.customers.segments import actions, queries, shown
from percorso.customers.segments.builder import Builder, told
from percorso.customers.segments.counting import ids
from percorso.customers.segments.forms import SegmentForm
from percorso.customers.segments.rows import rule_from_text
from percorso.customers.segments.sentences import sentence
from percorso.customers.segments.starters import STARTERS
from percorso.errors import BadQuestion

ROWS = 25


@require_safe
@member("see")
def segments(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the segments with their live counts."""
    rows = list(queries.segments(workspace).select_related("workspace"))
    known = {row.slug: parse(row.rule) for row in rows}
    names = {row.slug: row.name for row in rows}
    new = reverse("segment_new", args=[workspace.slug])
    context = {
        "lines": [shown.line(row, known, names, _personal(request)) for row in rows],
        "tabs": shown.tabs(request.membership, "segments"),  # type: ignore[attr-defined]
        "starters": [
            {"name": gettext(s.name), "says": sentence(parse(s.rule), {}), "href": f"{new}?starter={key}"}
            for key, s in STARTERS.items()
        ],
    }
    return render(request, "customers/segments.html", context)


@require_safe
@member("see")
def segment(request: HttpRequest, workspace: Workspace, segment: str) -> HttpResponse:
    """Show one segment: its rule in words, its figures, its customers, where it is used."""
    found = _found(workspace, segment)
    rows = {row.slug: row for row in queries.segments(workspace)}
    known = {slug: parse(row.rule) for slug, row in rows.items()}
    personal = _personal(request)
    line = shown.line(found, known, {slug: row.name for slug, row in rows.items()}, personal)
    context: dict[str, Any] = {
        "found": found,
        "line": line,
        "uses": queries.uses(found),
        "overview": f"{reverse('overview', args=[workspace.slug])}?{urlencode({'compare': 'rest', 'segment': segment})}",
    }
    context["held"] = any(use.holds for use in context["uses"])
    if personal and "error" not in line:
        after = request.GET.get("after", "")
        whole = queries.resolved(workspace, known[segment], segment, known)
        keys = ids(workspace, whole, ROWS + 1, after)
        context["people"] = shown.named(workspace, keys[:ROWS])
        context["more"] = "?" + urlencode({"after": keys[ROWS - 1]}) if len(keys) > ROWS else ""
        context["first"] = request.path if after else ""
    return render(request, "customers/segment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def segment_new(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Build a new segment, from scratch or from a ready rule (`?starter=`)."""
    starter = STARTERS.get(request.GET.get("starter", ""))
    builder = Builder.of(parse(starter.rule if starter else {}))
    form = SegmentForm(request.POST or None, initial={"name": gettext(starter.name) if starter else ""})
    return _built(request, workspace, form, builder, None)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def segment_change(request: HttpRequest, workspace: Workspace, segment: str) -> HttpResponseBase:
    """Change a segment."""
    found = _found(workspace, segment)
    rule = shown.stored(found)
    if not _personal(request) and queries.tells_about_people(queries.resolved(workspace, rule, segment)):
        raise PermissionDenied
    form = SegmentForm(request.POST or None, instance=_found(workspace, segment))
    return _built(request, workspace, form, Builder.of(rule), found)


@require_POST
@member("analyse")
def segment_count(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Return what the rule in the form gives now, as the part of the page that shows it."""
    builder = Builder.read(request.POST)
    found = shown.result(workspace, builder, _personal(request), request.POST.get("slug", ""))
    return render(request, "customers/segment_result.html", {"workspace": workspace, "result": found})


@require_POST
@member("analyse")
def segment_copy(request: HttpRequest, workspace: Workspace, segment: str) -> HttpResponseBase:
    """Make another segment of the same rule."""
    made = actions.copy_segment(_found(workspace, segment), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("This is the copy. The other segment stays as it is."))
    return redirect("segment", workspace.slug, made.slug)


@require_POST
@member("analyse")
def segment_remove(request: HttpRequest, workspace: Workspace, segment: str) -> HttpResponseBase:
    """Remove a segment that nothing depends on."""
    found = _found(workspace, segment)
    try:
        actions.remove_segment(found, by=request.user)  # type: ignore[arg-type]
    except BadQuestion as error:
        messages.error(request, told(error))
        return redirect("segment", workspace.slug, segment)
    messages.success(request, gettext("The segment was removed. The customers stay."))
    return redirect("segments", workspace.slug)


def _found(workspace: Workspace, slug: str) -> Segment:
    return get_object_or_404(Segment.objects.select_related("workspace"), workspace=workspace, slug=slug)


def _personal(request: HttpRequest) -> bool:
    return bool(request.membership.may("personal"))  # type: ignore[attr-defined]


def _built(
    request: HttpRequest, workspace: Workspace, form: SegmentForm, builder: Builder, found: Segment | None
) -> HttpResponseBase:
    """Carry out what the builder's form asks for, and show it again until it is saved."""
    do, pasted = request.POST.get("do", ""), ""
    slug = found.slug if found else ""
    if request.method == "POST":
        builder = Builder.read(request.POST)
        builder.act(do)
    if do == "paste":
        try:
            builder = Builder.of(rule_from_text(request.POST.get("pasted", "")))
        except BadQuestion as error:
            pasted = told(error)
    groups = shown.groups(workspace, builder, _personal(request), slug)
    seen = shown.result(workspace, builder, _personal(request), slug)
    if do == "save":  # only now is said beside the rows what is wrong with them
        groups = shown.groups(workspace, builder, _personal(request), slug)
    if do == "save" and form.is_valid() and "error" not in seen:
        return _saved(request, workspace, form, builder, found)
    if do != "save":
        # What is not saved yet is not complained about; what was typed stays.
        form = SegmentForm(initial={name: form[name].value() for name in ("name", "about")})
    context = {
        "form": form,
        "found": found,
        "hows": [{"value": how, "chosen": how == builder.how} for how in ("all", "any")],
        "many": len(builder.groups) > 1,
        "groups": groups,
        "events": shown.events(workspace, builder),
        "place": builder.place,
        "result": seen,
        "wrong": seen.get("error", "") if do == "save" and not builder.has_errors else "",
        "pasted": request.POST.get("pasted", "") if pasted else "",
        "pasted_error": pasted,
        "back": reverse("segment", args=[workspace.slug, slug])
        if found
        else reverse("segments", args=[workspace.slug]),
    }
    wrong = do == "save" or pasted
    return render(request, "customers/segment_form.html", context, status=400 if wrong else 200)


def _saved(
    request: HttpRequest, workspace: Workspace, form: SegmentForm, builder: Builder, found: Segment | None
) -> HttpResponseBase:
    values = {name: form.cleaned_data[name] for name in ("name", "about")} | {"rule": to_json(builder.rule())}
    if found is None:
        found = actions.make_segment(workspace, **values, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The segment stands. Every figure can be seen for it."))
    else:
        found = actions.change_segment(found, **values, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The segment was changed."))
    return redirect("segment", workspace.slug, found.slug)
