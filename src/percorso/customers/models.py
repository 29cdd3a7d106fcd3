"""Groups of customers that people define (segments, the personas that stand for them), and what customers agreed to."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Person, Workspace


class Segment(models.Model):
    """Customers picked out by a rule (`percorso.analytics.segments`); who is in it follows the facts."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="segments")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    about = models.CharField(max_length=300, blank=True)
    # The rule as JSON, see `percorso.analytics.segments.parse`.
    rule = models.JSONField(default=dict)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=("workspace", "slug"), name="segment_slug")]

    def __str__(self) -> str:
        return self.name


class Persona(models.Model):
    """A segment told as a person: what they need, what hurts, what they want to reach."""

    class Face(models.TextChoices):
        """Drawn faces, see `customers/faces.py`."""

        ONE = "1", _("Face 1")
        TWO = "2", _("Face 2")
        THREE = "3", _("Face 3")
        FOUR = "4", _("Face 4")
        FIVE = "5", _("Face 5")
        SIX = "6", _("Face 6")
        SEVEN = "7", _("Face 7")
        EIGHT = "8", _("Face 8")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="personas")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="personas")
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=120, blank=True)
    quote = models.CharField(max_length=240, blank=True)
    face = models.CharField(max_length=2, choices=Face.choices, default=Face.ONE)
    # One entry a line.
    needs = models.TextField(blank=True)
    pains = models.TextField(blank=True)
    goals = models.TextField(blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """One entry of the ledger of consent: given or withdrawn, for a purpose, by a channel. Entries are never changed."""

    class Basis(models.TextChoices):
        CONSENT = "consent", _("Consent")
        CONTRACT = "contract", _("Contract")
        LEGITIMATE_INTEREST = "legitimate_interest", _("Legitimate interest")
        LEGAL_OBLIGATION = "legal_obligation", _("Legal obligation")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="consents")
    # The customer's id in the facts where it is known; the address always.
    customer = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=254)
    purpose = models.CharField(max_length=20)
    # Empty: by every channel.
    channel = models.CharField(max_length=40, blank=True)
    basis = models.CharField(max_length=20, choices=Basis.choices, default=Basis.CONSENT)
    given = models.BooleanField()
    # What shows it: the text agreed to, its version, the page, the request.
    proof = models.JSONField(default=dict)
    by = models.CharField(max_length=254, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("workspace", "address", "-id"), name="consent_newest")]

    def save(self, *given: Any, **more: Any) -> None:
        """Write a new entry.

        Raises
        ------
        TypeError : it is written already; a change is a new entry.
        """
        if self.pk is not None:
            raise TypeError("entries of the ledger are never changed: write a new one")
        super().save(*given, **more)

    def __str__(self) -> str:
        return f"{self.address} {self.purpose}: {self.given}"


class Identity(models.Model):
    """An id that a source uses for somebody, and the customer that it is believed to be now."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="identities")
    value = models.CharField(max_length=300)
    customer = models.CharField(max_length=300)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "value"), name="identity_value")]
        indexes = [models.Index(fields=("workspace", "customer"), name="identity_customer")]

    def __str__(self) -> str:
        return f"{self.value} is {self.customer}"


class IdentityClaim(models.Model):
    """That two identities are one customer's: said by a source, or decided by a person (`by`), as long as it is not undone."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="identity_claims")
    # Where it joins, `one` is what the customer is called; else in the order of `belonging.rank_of`, then by the alphabet.
    one = models.CharField(max_length=300)
    other = models.CharField(max_length=300)
    joins = models.BooleanField(default=False)
    by = models.CharField(max_length=254, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "one", "other", "joins"), name="identity_claim")]
        indexes = [models.Index(fields=("workspace", "other"), name="identity_claim_other")]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"
