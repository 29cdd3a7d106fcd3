"""What people type and choose about identities."""

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso.customers.models import IdentityRules


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may happen to identities without a person."""

    class Meta:
        model = IdentityRules
        fields = ("email", "phone", "card", "external", "anonymous", "alias")
        labels = {
            "email": _("E-mail addresses"),
            "phone": _("Phones"),
            "card": _("Cards"),
            "external": _("Ids of other systems"),
            "anonymous": _("Devices and browsers"),
            "alias": _("A source may make one of two customers (alias)"),
        }
        help_texts = {
            "anonymous": _("A device can be used by several people: it never makes one of two customers."),
            "alias": _("Switched off, each alias waits for a person."),
        }
