"""Pages that stand at once, and into which the answer comes when it is counted."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from percorso.accounts.models import Workspace
from percorso.insights.forms import Choice
from percorso.insights.views.around import page

# The parameter by which a page asks for its result alone, or for everything at once.
PART, RESULT, WHOLE = "part", "result", "all"
Context = dict[str, Any]


def answer_page(
    request: HttpRequest,
    workspace: Workspace,
    choice: Choice,
    template: str,
    link: Context,
    is_ready: bool,
    around: Callable[[], Context],
    result: Callable[[], Context],
) -> HttpResponse:
    """Return the page `<template>.html`, or its result alone (`<template>_result.html`).

    Parameters
    ----------
    link : the parameters of the page beside the choice. is_ready : whether the answer is at hand.
    around, result : what the page shows around its answer, and what of the answer; the latter may take long.
    """
    part = request.GET.get(PART)
    ready = part in (RESULT, WHOLE) or is_ready
    context = result() if ready else {}
    if part == RESULT:
        return render(request, f"{template}_result.html", {"workspace": workspace} | context)

    def address(part: str) -> str:
        # The period is named, so that the address is not a bare one.
        return request.path + choice.link(**link | {"period": choice.preset, PART: part})

    context |= around() | {"waits": not ready, "result_href": address(RESULT), "whole_href": address(WHOLE)}
    return page(request, f"{template}.html", context, choice.link(**link))
