"""What the address of the customers' list asks for."""

from django import forms

from percorso.customers.queries import Wanted


class ListForm(forms.Form):
    """Search text and filters."""

    q = forms.CharField(required=False, max_length=200)
    country = forms.CharField(required=False, max_length=100)
    segment = forms.CharField(required=False, max_length=200)

    def wanted(self) -> Wanted:
        """Return which customers are asked for; what is too long is not asked."""
        self.is_valid()
        return Wanted(**{name: self.cleaned_data.get(name, "") for name in ("q", "country", "segment")})
