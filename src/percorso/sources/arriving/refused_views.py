"""The pages of refused calls: why, how many, each as it came; mending one, taking them after all."""

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import words
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.arriving import actions, queries
from percorso.sources.arriving.forms import CallForm
from percorso.sources.arriving.layout import readable
from percorso.sources.arriving.mending import message_id
from percorso.sources.arriving.shown import body_of, broken_of, reason_of
from percorso.sources.arriving.tabs import tabs
from percorso.sources.models import RefusedCall
from percorso.sources.tracking.calls import MOST_BYTES_A_CALL

ON_A_PAGE = 25


@require_safe
@member("edit")
def refused(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show what was refused today, and the calls that are kept."""
    source, reason = request.GET.get("source", ""), request.GET.get("reason", "")
    page = Paginator(queries.refused_calls(workspace, source, reason), ON_A_PAGE).get_page(request.GET.get("page"))
    groups = [row | {"told": reason_of(str(row["reason"]))} for row in queries.refused_groups(workspace)]
    context = {
        "page": page,
        "calls": [{"row": row, "told": reason_of(row.reason), "body": body_of(row)} for row in page],
        "groups": groups,
        "today": [(reason_of(code), n) for code, n in queries.refused_today(workspace).items()],
        "chosen": next((g for g in groups if str(g["source"]) == source and g["reason"] == reason), None),
        "kept": sum(int(str(g["n"])) for g in groups),
        "tabs": tabs(request.membership, "refused"),
    }
    return render(request, "sources/arriving/refused.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def refused_call(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one refused call, and take what somebody wrote in its place."""
    call = get_object_or_404(queries.refused_calls(workspace), pk=pk)
    form = CallForm(request.POST if request.method == "POST" else None, text=readable(call.body))
    if form.is_valid():
        try:
            refusals = actions.send_again(workspace, call, form.cleaned_data["body"], by=request.user)
        except BadQuestion as error:
            form.add_error(None, gettext(error.message).format(**error.params))
        else:
            if not refusals:
                messages.success(request, gettext("The call is taken, and refused no longer."))
                return redirect("refused", workspace.slug)
            form.refuse(refusals)
    context = {"call": call, "form": form, "told": reason_of(call.reason), **_around(call)}
    return render(request, "sources/arriving/refused_call.html", context, status=422 if form.errors else 200)


@require_POST
@member("edit")
def replay(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Take one call, or all of a source and reason, after all."""
    taken, left = actions.replay_calls(workspace, _chosen(request, workspace), by=request.user)
    if taken:
        told = ngettext("{shown} call is taken.", "{shown} calls are taken.", taken)
        messages.success(request, told.format(shown=words.count(taken)))
    if left:
        told = ngettext("{shown} call is refused still.", "{shown} calls are refused still.", left)
        messages.warning(request, told.format(shown=words.count(left)))
    return _back(request, workspace)


@require_POST
@member("edit")
def remove(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Keep one call, or all of a source and reason, no longer."""
    removed = actions.remove_calls(workspace, _chosen(request, workspace), by=request.user)
    told = ngettext("{shown} call is discarded.", "{shown} calls are discarded.", removed)
    messages.success(request, told.format(shown=words.count(removed)))
    return _back(request, workspace)


def _chosen(request: MemberRequest, workspace: Workspace) -> QuerySet[RefusedCall]:
    call, source, reason = (request.POST.get(name, "") for name in ("call", "source", "reason"))
    if call.isdecimal() and len(call) < 18:
        return queries.refused_calls(workspace).filter(pk=int(call))
    if source and reason:
        return queries.refused_calls(workspace, source, reason)
    raise BadQuestion(mark("Say which call, or which source and reason."))


def _around(call: RefusedCall) -> dict[str, Any]:
    """Return what is known of a call beside its text, and where that is no JSON."""
    text, broken = readable(call.body), ""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        broken = broken_of(error)
    except RecursionError:
        broken = gettext("The call is nested too deeply.")
    return {
        "message_id": message_id(call),
        "broken": broken,
        "size": len(text.encode()) if broken else len(call.body.encode()),
        # Of what is no call only the beginning is kept.
        "cut_off": bool(broken) and len(text.encode()) >= MOST_BYTES_A_CALL,
        "batch_context": readable(call.context) if call.context else "",
        "batch_sent": readable(call.sent) if call.sent else "",
    }


def _back(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    kept = {name: value for name in ("source", "reason") if (value := request.GET.get(name, ""))}
    return redirect(reverse("refused", args=[workspace.slug]) + (f"?{urlencode(kept)}" if kept else ""))
