"""What is noted when somebody looks at a customer."""

from datetime import timedelta

from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import AuditEntry, Person, Workspace

NOTED_EVERY = timedelta(hours=1)


def note_view(workspace: Workspace, customer: str, *, by: Person | str) -> None:
    """Write into the audit log that a person (or a key, by its name) looked at a customer; once an hour at most."""
    target = customer[:254]
    since = timezone.now() - NOTED_EVERY
    person = by if isinstance(by, Person) else None
    mine = AuditEntry.objects.filter(workspace=workspace, person=person, by=str(by)[:254])
    lately = mine.filter(action="customer_viewed", target=target)
    if not lately.filter(at__gte=since).exists():
        audit.record("customer_viewed", workspace, by=by, target=target)
