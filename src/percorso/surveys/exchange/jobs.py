"""What of exchanging surveys runs later: keeping many responses, forgetting old files."""

from datetime import time
from typing import Any

from django.utils.translation import gettext

from percorso.base.jobs import Rule, check, job
from percorso.base.models import Job
from percorso.base.words import count
from percorso.i18n import mark
from percorso.surveys.exchange import actions, uploads
from percorso.surveys.exchange.given import read_files
from percorso.surveys.models import Survey

IMPORT = "import_responses"


@job(IMPORT, mark("Import of a survey's answers"), local=True)
def import_responses(row: Job, survey: int, upload: str) -> dict[str, Any]:
    """Keep the responses of an upload; begun again, or given again, each is kept once."""
    found = Survey.objects.select_related("workspace", "live").get(pk=survey)
    path = uploads.folder(found.workspace, upload)
    if path is None:
        return {"kept": 0}
    known, files = uploads.load(path)
    _, read = read_files(files, {int(k): v for k, v in known.kinds.items()}, found.workspace.time_zone)
    n = len(read.responses)

    def told(done: int) -> None:
        check(row, done / n, gettext("{done} of {n}").format(done=count(done), n=count(n)))

    return {"kept": actions.keep_responses(found, read.responses, told), "given": n}


@job("forget_survey_uploads", mark("Deleting old uploads of surveys"), every=Rule(at=time(3, 55)), local=True)
def forget_uploads(row: Job) -> int:
    """Delete files of surveys that were kept long enough."""
    return uploads.forget_old()
