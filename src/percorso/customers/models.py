"""Groups of customers that people define (segments, the personas that stand for them), and what customers agreed to."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Person, Workspace
from percorso.customers.privacy.masking import KINDS


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
    """That two identities are one customer's, as a source said it (`source`); it does not count while a person set it aside."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="identity_claims")
    # Where it joins, `one` is what the customer is called; else in the order of `belonging.rank_of`, then by the alphabet.
    one = models.CharField(max_length=300)
    other = models.CharField(max_length=300)
    joins = models.BooleanField(default=False)
    by = models.CharField(max_length=254, blank=True)
    # The source that said it first, by its name.
    source = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "one", "other", "joins"), name="identity_claim")]
        indexes = [models.Index(fields=("workspace", "other"), name="identity_claim_other")]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"


class IdentityDecision(models.Model):
    """That two identities are one customer's or are not (`apart`), as a person decided; the later one holds."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="identity_decisions")
    # Where they are one, `one` is what the customer is called.
    one = models.CharField(max_length=300)
    other = models.CharField(max_length=300)
    apart = models.BooleanField(default=False)
    by = models.CharField(max_length=254)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=254, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("workspace", "one"), name="identity_decision_one"),
            models.Index(fields=("workspace", "other"), name="identity_decision_other"),
        ]

    def __str__(self) -> str:
        return f"{self.one} {'is not' if self.apart else 'is'} {self.other}"


class IdentityRules(models.Model):
    """What a workspace lets happen to identities without a person."""

    class Rule(models.TextChoices):
        WAITS = "waits", _("Wait for a person")
        BELONGS = "belongs", _("Belong to their only customer")
        UNITES = "unites", _("Make one of all their customers")

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="identity_rules")
    alias = models.BooleanField(default=True)
    email = models.CharField(max_length=10, choices=Rule.choices, default=Rule.BELONGS)
    phone = models.CharField(max_length=10, choices=Rule.choices, default=Rule.BELONGS)
    card = models.CharField(max_length=10, choices=Rule.choices, default=Rule.BELONGS)
    external = models.CharField(max_length=10, choices=Rule.choices, default=Rule.BELONGS)
    anonymous = models.CharField(max_length=10, choices=Rule.choices[:2], default=Rule.BELONGS)

    def __str__(self) -> str:
        return f"identities of {self.workspace}"


class TraitHistory(models.Model):
    """What sources told of an identity, trait by trait, each with when it was so: see `customers.traits`."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="trait_histories")
    identity = models.CharField(max_length=300)
    # {trait: [[microseconds since 1970, value], …]}, the oldest first.
    told = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "identity"), name="trait_history_identity")]

    def __str__(self) -> str:
        return self.identity


class Company(models.Model):
    """A company that customers belong to (`customers.company` of the facts holds its key), and the one that it is part of."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="companies")
    key = models.CharField(max_length=300)
    name = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="parts")
    # A person chose the parent: what sources tell of it no longer counts.
    parent_by = models.CharField(max_length=254, blank=True)
    # As in `TraitHistory`.
    told = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "key")
        constraints = [models.UniqueConstraint(fields=("workspace", "key"), name="company_key")]
        indexes = [models.Index(fields=("workspace", "name"), name="company_name")]
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name or self.key


def every_kind() -> list[str]:
    """Return all that can be masked in free text: so it is until somebody switches a kind off."""
    return list(KINDS)


class Privacy(models.Model):
    """What a workspace decided about personal data: what is masked on entry, and how long what is kept."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="privacy")
    # Keys of `privacy.masking.KINDS`.
    masked = models.JSONField(default=every_kind)
    # Months by the keys of `privacy.retention.RULES`; what is not there is kept for good.
    months = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.workspace}: {len(self.masked)} masked, {len(self.months)} end"


class ErasureReceipt(models.Model):
    """That somebody was erased: when, by whom, how many rows of what. It holds nothing of who it was but keyed hashes."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="erasures")
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=254)
    reason = models.CharField(max_length=300, blank=True)
    # Who is to be erased, until it is done; empty from then on.
    subject = models.JSONField(default=dict)
    # Keyed hashes of all identities: whoever knows one can prove that it was erased.
    hashes = models.JSONField(default=list)
    # {table or part: rows emptied or deleted}
    counts = models.JSONField(default=dict)
    erased_at = models.DateTimeField(null=True)
    # When what lay in freed places of the database files was overwritten too.
    overwritten_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class ErasedIdentity(models.Model):
    """The keyed hash of an identity of somebody who was erased: what comes of it later is not taken."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="erased_identities")
    mark = models.CharField(max_length=80)
    receipt = models.ForeignKey(ErasureReceipt, on_delete=models.CASCADE, related_name="identities")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "mark"), name="erased_identity")]

    def __str__(self) -> str:
        return self.mark
