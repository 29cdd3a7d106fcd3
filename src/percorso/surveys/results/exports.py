"""Exports that are made now or by a job, and kept for some days."""

import secrets
from datetime import timedelta
from pathlib import Path

from django.utils import timezone, translation

from percorso.base.models import Job
from percorso.config import data_folder
from percorso.surveys.models import Survey
from percorso.surveys.results import files, queries
from percorso.surveys.results.scope import Scope
from percorso.surveys.results.sheet import Told, sheet_of

JOB = "export_answers"
# More rows than these are written by a job.
AT_ONCE = 5000
KEPT = timedelta(days=7)


def folder() -> Path:
    """Return where exports lie until they are forgotten."""
    made = data_folder() / "exports"
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def make(survey: Survey, form: str, *, language: str, reads: bool, told: Told = lambda _: None) -> tuple[Path, int]:
    """Write an export and return where it lies and how many rows it has.

    language : of the labels. reads : with identities and texts.
    """
    scope = Scope(
        survey=survey,
        versions=list(survey.versions.all()),
        language=language,
        reads=reads,
        personal=reads and not survey.anonymous,
        least=max(1, survey.least_answers) if survey.anonymous else 1,
        until=queries.whole_steps(survey) if survey.anonymous else None,
    )
    path = folder() / f"{secrets.token_urlsafe(16)}.{form}"
    with translation.override(language):
        sheet = sheet_of(scope)
        files.write(sheet, form, path, survey.workspace.time_zone, told)
    return path, sheet.count


def file_name(survey: Survey, form: str) -> str:
    """Return what an export is called by whoever saves it."""
    return f"{survey.workspace.slug}-{survey.slug}-{timezone.localdate():%Y-%m-%d}.{form}"


def exports(survey: Survey) -> list[Job]:
    """Return the jobs that make exports of a survey, the newest first; those whose file is there still."""
    since = timezone.now() - KEPT
    rows = Job.objects.filter(name=JOB, workspace=survey.workspace.slug, created_at__gte=since)
    return list(rows.filter(arguments__survey=survey.pk).order_by("-id")[:20])


def forget_old() -> int:
    """Delete the files of exports that were kept long enough; return how many."""
    before = (timezone.now() - KEPT).timestamp()
    old = [path for path in folder().iterdir() if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
