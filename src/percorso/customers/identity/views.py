"""Who is whom: the identities of a customer, merging and splitting, what waits for a person, decisions, rules."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import words as figures
from percorso.base.models import Job
from percorso.customers import queries as people
from percorso.customers.actions import note_view
from percorso.customers.identity import actions, queries
from percorso.customers.identity.book import known_customers
from percorso.customers.identity.forms import RulesForm
from percorso.customers.identity.shown import (
    WAITING,
    decision_line,
    identity_line,
    identity_lines,
    put_whys,
    text_of,
    waiting_lines,
)
from percorso.customers.models import IdentityClaim, IdentityDecision, IdentityRules
from percorso.customers.segments.shown import tabs
from percorso.errors import BadQuestion
from percorso.i18n import mark

ROWS, FOUND = 20, 20
PARTS = (
    ("identities", mark("Waiting for a decision"), "personal"),
    ("identities_decided", mark("Decided"), "personal"),
    ("identities_rules", mark("Rules"), "manage"),
)


@require_safe
@member("personal")
def customer_identities(request: HttpRequest, workspace: Workspace, id: str) -> HttpResponse:
    """Show every identity of a customer, why it belongs, and how many facts came of it."""
    found = _known(workspace, id)
    note_view(workspace, id, by=request.user)  # type: ignore[arg-type]
    facts = queries.identities_of_facts(workspace, id)
    lines = identity_lines(workspace, id)[: queries.MOST_IDENTITIES]
    lines += [identity_line(value) for value in facts if value not in {line.value for line in lines}]
    values = {line.value for line in lines}
    claims = list(queries.claims_about(workspace, values)[: 5 * queries.MOST_IDENTITIES])
    decisions = list(queries.decisions_about(workspace, values)[: queries.MOST_IDENTITIES])
    for line in lines:
        line.facts = facts.get(line.value, 0)
    put_whys(lines, claims, decisions, workspace.time_zone)
    context = {"customer": found, "name": found["name"] or id, "lines": lines, "here": request.path}
    return render(request, "customers/identities/customer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def customer_merge(request: MemberRequest, workspace: Workspace, id: str) -> HttpResponseBase:
    """Search another customer, look at what would move, and make one of the two."""
    found = _known(workspace, id)
    if request.method == "POST":
        other, keep = request.POST.get("other", ""), request.POST.get("keep", "")
        one, gone = (other, id) if keep == other else (id, other)
        _known(workspace, other)
        actions.merge_customers(workspace, one, [gone], by=request.user)
        messages.success(request, gettext("They are one customer now. It can be undone under “Identities”."))
        return redirect("customer", workspace.slug, known_customers(workspace, [one]).get(one, one))
    q, other = request.GET.get("q", "").strip()[:200], request.GET.get("with", "")
    candidates = [row for row in people.customers(workspace, people.Wanted(q=q), FOUND) if row["id"] != id] if q else []
    context: dict[str, Any] = {"customer": found, "name": found["name"] or id, "q": q, "candidates": candidates}
    if other:
        if other == id:
            raise BadQuestion(mark("Choose another customer: one cannot be merged with itself."))
        context["pair"] = [_side(workspace, found), _side(workspace, _known(workspace, other))]
        context["other"] = other
    return render(request, "customers/identities/merge.html", context)


def _side(workspace: Workspace, found: dict[str, Any]) -> dict[str, Any]:
    """Return one of two customers that may become one."""
    facts = sum(people.counts(workspace, found["id"]).values())
    lines = identity_lines(workspace, found["id"])
    return {
        "id": found["id"],
        "name": found["name"] or found["id"],
        "identities": lines[:8],
        "more": max(0, len(lines) - 8),
        "facts": ngettext("{n} fact", "{n} facts", facts).format(n=figures.count(facts)),
    }


@require_POST
@member("edit")
def customer_split(request: MemberRequest, workspace: Workspace, id: str) -> HttpResponseBase:
    """Split an identity off a customer."""
    _known(workspace, id)
    identity = request.POST.get("identity", "")
    actions.split_identity(workspace, id, identity, by=request.user)
    messages.success(request, gettext("“{identity}” is no longer this customer’s. It can be undone below.").format(identity=text_of(identity)))  # fmt: skip
    return redirect("customer_identities", workspace.slug, id)


@require_safe
@member("edit")
def customer_split_preview(request: HttpRequest, workspace: Workspace, id: str) -> HttpResponse:
    """Say what would move when an identity is split off."""
    identity = request.GET.get("identity", "")
    made = queries.split_moves(workspace, id, identity)
    context = {"moves": made, "others": [identity_line(i) for i in made.identities if i != identity][:ROWS]}
    return render(request, "customers/identities/moves.html", context)


@require_POST
@member("edit")
def identity_undo(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Undo a decision."""
    decision = get_object_or_404(IdentityDecision, workspace=workspace, pk=pk)
    actions.undo_decision(decision, by=request.user)
    messages.success(request, gettext("The decision is undone: what held before it holds again."))
    return _back(request, workspace)


@require_POST
@member("edit")
def identity_claim(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Let what a source said not count, or count again."""
    claim = get_object_or_404(IdentityClaim, workspace=workspace, pk=pk)
    aside = request.POST.get("counts") != "yes"
    actions.set_claim_aside(claim, aside, by=request.user)
    messages.success(request, gettext("It no longer counts.") if aside else gettext("It counts again."))
    return _back(request, workspace)


def _back(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Return to the customer whose page the form was on, or to the decisions."""
    customer = request.POST.get("customer", "")
    if customer:
        return redirect(
            "customer_identities", workspace.slug, known_customers(workspace, [customer]).get(customer, customer)
        )
    return redirect("identities_decided", workspace.slug)


@require_safe
@member("personal")
def identities(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List what waits for a person, kind by kind."""
    kind = request.GET.get("kind", "email")
    kind = kind if kind in WAITING else "email"
    after = request.GET.get("after", "")
    if kind == "alias":
        found, following = queries.aliases_waiting(workspace, ROWS), ""
    else:
        found, following = queries.waiting(workspace, kind, ROWS, after)
    if kind in ("email", "phone") and not after:
        asked = {one.customers for one in found}
        found += [one for one in queries.alike(workspace, kind, ROWS) if one.customers not in asked]
    kinds = [
        {"label": gettext(label), "href": f"?{urlencode({'kind': key})}", "current": key == kind}
        for key, label in WAITING.items()
    ]
    context = _around(request, "identities") | {
        "kinds": kinds,
        "kind": kind,
        "lines": waiting_lines(workspace, found),
        "more": f"?{urlencode({'kind': kind, 'after': following})}" if following else "",
        "first": f"?{urlencode({'kind': kind})}" if after else "",
    }
    return render(request, "customers/identities/waiting.html", context)


@require_POST
@member("edit")
def identities_decide(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Decide that customers are one, or that they are not; or whose an identity is."""
    customers, identity = request.POST.getlist("customer"), request.POST.get("identity", "")
    keep, shared = request.POST.get("keep", ""), request.POST.get("shared") == "yes"
    several = customers if shared else [*customers, identity]
    if len(several) > queries.MOST_NEIGHBOURS:
        raise BadQuestion(mark("More than fifty customers cannot be decided about at once."))
    if request.POST.get("decision") == "one":
        one = keep if keep in customers else customers[0] if customers else ""
        actions.merge_customers(workspace, one, several, by=request.user)
        told = gettext("They are one customer now.") if shared else gettext("It is the customer’s now.")
    else:
        actions.part_customers(workspace, several, by=request.user)
        told = gettext("It is kept that they are not one.") if shared else gettext("It is kept that it is not theirs.")
    messages.success(request, told)
    query = urlencode({"kind": request.POST.get("kind", "email")})
    return redirect(f"{reverse('identities', args=[workspace.slug])}?{query}")


@require_safe
@member("personal")
def identities_decided(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List what people decided, the newest first."""
    page = Paginator(queries.decided(workspace), ROWS).get_page(request.GET.get("page"))
    lines = [decision_line(row, workspace.time_zone) for row in page]
    return render(request, "customers/identities/decided.html", _around(request, "identities_decided") | {"page": page, "lines": lines})  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member("manage")
def identities_rules(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Show and change what may happen to identities without a person."""
    rules = IdentityRules.objects.filter(workspace=workspace).first() or IdentityRules(workspace=workspace)
    form = RulesForm(request.POST or None, instance=rules)
    if request.method == "POST" and form.is_valid():
        job = actions.change_rules(form.instance, by=request.user)
        messages.success(request, gettext("The rules are kept. Who is whom is being worked out anew."))
        return redirect(f"{request.path}?job={job.pk}")
    context = _around(request, "identities_rules") | {"form": form, "job": _job(workspace, request.GET.get("job", ""))}
    return render(request, "customers/identities/rules.html", context, status=422 if form.errors else 200)


@require_POST
@member("manage")
def identities_replay(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Work out anew who everybody is."""
    job = actions.replay(workspace)
    return redirect(f"{reverse('identities_rules', args=[workspace.slug])}?job={job.pk}")


def _job(workspace: Workspace, pk: str) -> Job | None:
    return Job.objects.filter(workspace=workspace.slug, name=actions.REPLAY, pk=pk).first() if pk.isdecimal() else None


def _around(request: HttpRequest, here: str) -> dict[str, Any]:
    """Return the tabs around the pages of who is whom."""
    membership = request.membership  # type: ignore[attr-defined]
    parts = [
        {"label": gettext(label), "href": reverse(name, args=[membership.workspace.slug]), "current": name == here}
        for name, label, what in PARTS
        if membership.may(what)
    ]
    return {"tabs": tabs(membership, "identities"), "parts": parts}


def _known(workspace: Workspace, id: str) -> dict[str, Any]:
    found = people.shown(workspace, id)
    if found is None:
        raise Http404(id)
    return found
