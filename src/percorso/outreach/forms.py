"""What people say about a webhook."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.base.outbox import EVENTS
from percorso.errors import BadQuestion
from percorso.outreach.sending import check_address

# What each event says, as people read it.
LABELS = {
    "import.finished": _("An import has finished"),
    "figure.changed": _("A figure has changed more than chance explains"),
    "alarm.raised": _("An alert has found something"),
}


class WebhookForm(forms.Form):
    """An address and the events it is told of."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("A public https address of yours; percorso sends a POST request to it."),
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/percorso", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=[(name, LABELS[name]) for name in EVENTS], widget=forms.CheckboxSelectMultiple
    )

    def clean_url(self) -> str:
        """Return the address, when something may be sent to it."""
        try:
            return check_address(str(self.cleaned_data["url"]))
        except BadQuestion as error:
            raise forms.ValidationError(gettext(error.message).format(**error.params)) from error
