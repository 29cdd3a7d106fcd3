"""Changes of a source, and what becomes of calls that were refused."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.arriving.mending import Refusal, judge, judge_mended
from percorso.sources.models import RefusedCall, Source
from percorso.sources.tracking.keys import forget_keys
from percorso.sources.tracking.spool import SpoolBroken, SpoolFull, spool

AT_ONCE = 500


def change_source(source: Source, name: str, rate: int | None, *, by: Person | str) -> None:
    """Give a source another name, or another number of requests a second (None: as many as the setting says).

    Raises
    ------
    BadQuestion : another open source has that name.
    """
    others = Source.objects.filter(workspace=source.workspace, name=name, revoked_at=None).exclude(pk=source.pk)
    if source.revoked_at is None and others.exists():
        raise BadQuestion(mark("There is a source {name} already: choose another name."), name=name)
    with transaction.atomic():
        source.name, source.rate = name, rate
        source.save(update_fields=["name", "rate"])
        audit.record("source_changed", source.workspace, by=by, target=name, rate=rate)
    forget_keys()


def replay_calls(workspace: Workspace, calls: QuerySet[RefusedCall], *, by: Person | str) -> tuple[int, int]:
    """Take refused calls as if they had just come, each once; return how many were taken, and how many are refused still.

    What is taken is on the disk before it leaves the list; a call that is replayed once more after a crash counts once.

    Raises
    ------
    BadQuestion : more waits to be loaded than can be kept, or the disk takes nothing.
    """
    taken = left = 0
    ids = list(calls.values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        with transaction.atomic():
            some = RefusedCall.objects.select_for_update().filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk")
            went = _put(workspace.slug, some)
            RefusedCall.objects.filter(pk__in=went).delete()
        taken += len(went)
        left += len(ids[start : start + AT_ONCE]) - len(went)
    if taken:
        audit.record("calls_replayed", workspace, by=by, target=str(taken))
    return taken, left


def remove_calls(workspace: Workspace, calls: QuerySet[RefusedCall], *, by: Person | str) -> int:
    """Keep refused calls no longer; return how many there were."""
    with transaction.atomic():
        removed, _ = RefusedCall.objects.filter(pk__in=list(calls.values_list("pk", flat=True))).delete()
        if removed:
            audit.record("calls_removed", workspace, by=by, target=str(removed))
    return removed


def send_again(workspace: Workspace, call: RefusedCall, text: str | None, *, by: Person | str) -> list[Refusal]:
    """Take a refused call, or what somebody wrote in place of it, at the time at which it had come; return why not.

    Raises
    ------
    BadQuestion : it is kept no longer, more waits to be loaded than can be kept, or the disk takes nothing.
    """
    with transaction.atomic():
        kept = RefusedCall.objects.select_for_update().filter(pk=call.pk).first()
        if kept is None:
            raise BadQuestion(mark("The call is kept no longer: somebody took or discarded it meanwhile."))
        made = judge(workspace.slug, kept) if text is None else judge_mended(workspace.slug, kept, text)
        if not made.refusals:
            _keep(made.lines)
            kept.delete()
            audit.record("calls_replayed", workspace, by=by, target="1", changed=text is not None)
    return made.refusals


def _put(slug: str, calls: Iterable[RefusedCall]) -> list[int]:
    """Put those of the calls that can be taken into the spool; return their ids."""
    lines, went = [], []
    for call in calls:
        made = judge(slug, call)
        if made.lines:
            lines += made.lines
            went.append(call.pk)
    _keep(lines)
    return went


def _keep(lines: list[bytes]) -> None:
    try:
        if lines:
            spool().put(b"".join(lines))
    except (SpoolFull, SpoolBroken) as error:
        raise BadQuestion(mark("The server cannot keep more calls at the moment. Try again in a minute.")) from error
