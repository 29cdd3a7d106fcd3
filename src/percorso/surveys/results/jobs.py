"""What of results runs later: large exports, switching off many responses, forgetting old files."""

from datetime import time
from typing import Any

from percorso.base.jobs import Rule, check, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.surveys.models import Survey
from percorso.surveys.results import actions, exports


@job(exports.JOB, mark("Export of answers"), local=True)
def export_answers(row: Job, survey: int, form: str, language: str, reads: bool) -> dict[str, Any]:
    """Write an export."""
    found = Survey.objects.select_related("workspace").get(pk=survey)
    path, n = exports.make(found, form, language=language, reads=reads, told=lambda share: check(row, share))
    return {"file": path.name, "rows": n}


@job("switch_mark", mark("Leaving out suspicious responses"))
def switch_mark(row: Job, survey: int, mark: str, left_out: bool) -> int:
    """Leave all responses with a mark out of the figures, or count them again."""
    found = Survey.objects.select_related("workspace").get(pk=survey)
    return actions.switch_mark(found, mark, left_out=left_out, by=row.by, told=lambda share: check(row, share))


@job("forget_exports", mark("Deleting old exports"), every=Rule(at=time(4, 20)), local=True)
def forget_exports(row: Job) -> int:
    """Delete the files of exports that were kept long enough."""
    return exports.forget_old()
