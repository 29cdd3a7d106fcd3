"""What a public address names. Nobody is signed in here: keys and tokens that nobody guesses stand for the right to look."""

from functools import lru_cache
from typing import Any

from django.db import connection

from percorso.accounts.models import Workspace
from percorso.surveys.models import Invitation, Response, Survey
from percorso.surveys.respond.ending import Ended
from percorso.surveys.tokens import number_of

# Asked at every request; what is built from it stays in memory for as long as the row is the same.
AS_IT_IS = f"""SELECT s.id, s.*, w.name, w.slug FROM {Survey._meta.db_table} s
JOIN {Workspace._meta.db_table} w ON w.id = s.workspace_id WHERE s.key = %s"""
KEPT = 100


@lru_cache(maxsize=KEPT)
def _read(row: tuple[Any, ...]) -> Survey | None:
    """Return the survey of a row. It is shared by requests: none of them changes it."""
    return Survey.objects.select_related("workspace", "live").filter(pk=row[0]).first()


def survey_of(key: str) -> Survey:
    """Return the survey of a public address.

    Raises
    ------
    Ended : there is none that was ever published.
    """
    _refuse_odd(key)
    with connection.cursor() as cursor:
        cursor.execute(AS_IT_IS, [key])
        row = cursor.fetchone()
    survey = _read(row) if row else None
    if survey is None or survey.live is None or survey.state == Survey.State.DRAFT:
        raise Ended("unknown")
    return survey


def personal(key: str, token: str) -> Invitation:
    """Return the invitation of a personal link.

    Raises
    ------
    Ended : the token is not ours, or belongs to another survey; or that one was never published.
    """
    _refuse_odd(key)
    pk = number_of(token)
    invitation = Invitation.objects.filter(pk=pk, survey__key=key).order_by().first() if pk is not None else None
    if invitation is None:
        raise Ended("unknown")
    invitation.survey = survey_of(key)
    return invitation


def response_of(key: str, response: str) -> Response:
    """Return a response that somebody is giving, or has given.

    Raises
    ------
    Ended : there is none at this address.
    """
    _refuse_odd(key, response)
    found = (
        Response.objects.select_related("survey__workspace", "survey__live", "version", "invitation")
        .filter(key=response, survey__key=key)
        .first()
    )
    if found is None:
        raise Ended("unknown")
    return found


def _refuse_odd(*parts: str) -> None:
    """Refuse what no database can be asked for: PostgreSQL takes no NUL."""
    if any("\x00" in part for part in parts):
        raise Ended("unknown")
