"""Requests with an Idempotency-Key: repeated within a day, they change nothing and get the first answer again."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from percorso.accounts.models import ApiKey
from percorso.base.rest import Problem
from percorso.i18n import mark
from percorso.outreach.models import ANSWERS_KEPT, KeptAnswer

LONGEST_NAME = 255
# After so long the first request is believed dead, and a repeated one is carried out.
AT_HAND = timedelta(minutes=5)


def answer_once(request: HttpRequest, key: ApiKey, name: str, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a request by `view`, or as it was answered the first time. Only successes are kept: a refusal changed nothing.

    Raises
    ------
    Problem : the name was used for another request (422), or the first one is still carried out (409).
    """
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or not name.isascii():
        raise Problem(400, mark("An Idempotency-Key has 1 to 255 visible ASCII characters."))
    fingerprint = _fingerprint(request)
    kept = _begun(key, name, fingerprint)
    if kept.status is not None:
        answer = HttpResponse(kept.body, status=kept.status, content_type="application/json; charset=utf-8")
        answer["Idempotency-Replayed"] = "true"
        return answer
    try:
        answer = view()
    except BaseException:
        kept.delete()
        raise
    if 200 <= answer.status_code < 300:
        kept.status, kept.body = answer.status_code, answer.content.decode()
        kept.save(update_fields=["status", "body"])
    else:
        kept.delete()
    return answer


def _begun(key: ApiKey, name: str, fingerprint: str) -> KeptAnswer:
    """Return the answer kept under `name`, or a new place for it."""
    now = timezone.now()
    mine = KeptAnswer.objects.filter(api_key=key, name=name)
    mine.filter(at__lt=now - ANSWERS_KEPT).delete()
    mine.filter(status=None, at__lt=now - AT_HAND).delete()
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(api_key=key, name=name, fingerprint=fingerprint, at=now)
    except IntegrityError:
        kept = mine.first()
    if kept is None or (kept.fingerprint == fingerprint and kept.status is None):
        raise Problem(
            409, mark("The first request with this Idempotency-Key is still carried out."), headers={"Retry-After": "1"}
        )
    if kept.fingerprint != fingerprint:
        raise Problem(422, mark("This Idempotency-Key was used for another request. Give a new one."))
    return kept


def _fingerprint(request: HttpRequest) -> str:
    made = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            made.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                made.update(repr((name, file.name, file.size)).encode())
                _add(made, file)
    else:
        made.update(request.body)
    return made.hexdigest()


def _add(made: Any, file: Any) -> None:
    for chunk in file.chunks():
        made.update(chunk)
    file.seek(0)
