"""Consent on the page of one customer: the ledger, and new entries by whoever may change data."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.customers import queries
from percorso.customers.consent import CHANNELS, PURPOSES, channel_words, entries, purpose_words, record_consent
from percorso.customers.models import Consent

SHOWN = 50


def _channels() -> list[tuple[str, str]]:
    return [("", gettext("Every channel")), *((key, channel_words(key)) for key in CHANNELS)]


def _purposes() -> list[tuple[str, str]]:
    return [(key, purpose_words(key)) for key in PURPOSES]


class ConsentForm(forms.Form):
    """One entry of the ledger as somebody types it."""

    given = forms.ChoiceField(
        label=_("What happened"), widget=forms.RadioSelect, choices=[("yes", _("The customer agreed")), ("no", _("The customer withdrew consent"))]
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("Purpose"), choices=_purposes)
    channel = forms.ChoiceField(label=_("Channel"), choices=_channels, required=False)
    address = forms.CharField(label=_("Address or phone number"), max_length=254)
    basis = forms.ChoiceField(label=_("Legal basis"), choices=Consent.Basis.choices, initial=Consent.Basis.CONSENT)
    proof = forms.CharField(
        label=_("What shows it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The words agreed to and where they are kept, e.g. “form of 3 March, signed, folder 12”."),
    )  # fmt: skip


def shown(workspace: Workspace, found: dict[str, Any], form: ConsentForm | None = None) -> dict[str, Any]:
    """Return what the page of a customer shows of consent; `found` : the customer (`queries.customer`)."""
    phone = str(found["traits"].get("phone") or "")
    rows = entries(workspace, customer=found["id"], addresses=[found["email"] or "", phone])[:SHOWN]
    consents = [
        {
            "row": row,
            "purpose": purpose_words(row.purpose),
            "channel": channel_words(row.channel) if row.channel else gettext("Every channel"),
            "proof": _proof(row.proof),
        }
        for row in rows
    ]
    return {"consents": consents, "consent_form": form or ConsentForm(initial={"address": found["email"] or phone})}


def _proof(proof: dict[str, Any]) -> str:
    return " · ".join(str(value) for value in proof.values() if value not in (None, "", [], {}))


@require_POST
@member("edit")
def customer_consent(request: MemberRequest, workspace: Workspace, id: str) -> HttpResponseBase:
    """Write an entry into the ledger of a customer."""
    found = queries.customer(workspace, id)
    if found is None:
        raise Http404(id)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        context = {"customer": found, "name": found["name"] or id, **shown(workspace, found, form)}
        return render(request, "customers/consent.html", context, status=422)
    given = form.cleaned_data
    record_consent(
        workspace, given["address"], given["purpose"], given=given["given"] == "yes", channel=given["channel"],
        basis=given["basis"], customer=id, proof={"told": given["proof"]}, by=request.user,
    )  # fmt: skip
    told = gettext("The consent is recorded.") if given["given"] == "yes" else gettext("It is recorded that consent was withdrawn.")  # fmt: skip
    messages.success(request, told)
    return redirect("customer", workspace.slug, id)
