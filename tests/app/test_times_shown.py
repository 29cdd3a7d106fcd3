"""Times and days as people read them: in their workspace's time, in the way of their language."""

from datetime import date

from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from percorso.accounts.models import Workspace
from tests.web.test_pages import text


def test_jobs_by_the_clock_tell_the_time_of_the_workspace(members: Workspace, alice: Client) -> None:
    """Tidying runs at 3:20 UTC for all workspaces: at 0:20 in São Paulo."""
    shown = text(alice.get("/w/acme/jobs/", headers={"Accept-Language": "it"}).content.decode())
    assert "Fai pulizia ogni giorno alle 00:20" in shown
    members.time_zone = "Europe/Rome"
    members.save()
    shown = text(alice.get("/w/acme/jobs/", headers={"Accept-Language": "it"}).content.decode())
    assert "Fai pulizia ogni giorno alle 0" in shown
    assert "Fai pulizia ogni giorno alle 00:20" not in shown


def test_months_are_written_as_the_language_writes_them() -> None:
    for language, told in (
        ("pt-br", "22 de novembro de 2026"),
        ("it", "22 novembre 2026"),
        ("en", "November 22, 2026"),
    ):
        with translation.override(language):
            assert date_format(date(2026, 11, 22), "DATE_FORMAT").lstrip("0") == told
