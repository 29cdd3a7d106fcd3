"""Making and revoking the keys by which sites and apps send events."""

import secrets

from django.db import transaction
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.models import Source
from percorso.sources.tracking.keys import forget_keys

KEY_BYTES = 24


def make_source(workspace: Workspace, name: str, *, by: Person | str) -> Source:
    """Make a source with a key of its own.

    Raises
    ------
    BadQuestion : it has no name, or there is one of that name.
    """
    name = name.strip()[:80]
    if not name:
        raise BadQuestion(mark("Give the source a name, such as that of the site."))
    if Source.objects.filter(workspace=workspace, name=name, revoked_at=None).exists():
        raise BadQuestion(mark("There is a source {name} already: choose another name."), name=name)
    with transaction.atomic():
        person = by if isinstance(by, Person) else None
        made = Source.objects.create(workspace=workspace, name=name, key=secrets.token_urlsafe(KEY_BYTES), by=person)
        audit.record("source_made", workspace, by=by, target=name)
    forget_keys()
    return made


def revoke_source(source: Source, *, by: Person | str) -> None:
    """Let a key open nothing any more; what it has sent stays."""
    if source.revoked_at is None:
        with transaction.atomic():
            source.revoked_at = timezone.now()
            source.save(update_fields=["revoked_at"])
            audit.record("source_revoked", source.workspace, by=by, target=source.name)
        forget_keys()
