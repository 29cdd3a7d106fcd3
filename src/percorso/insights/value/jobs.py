"""The forecast of very many customers."""

from typing import Any

from percorso.accounts.models import Workspace
from percorso.base.jobs import check, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.insights.value.queries import JOB, carried_out


@job(JOB, mark("Forecast of customer value"), local=True)
def forecast_value(row: Job, **told: Any) -> dict[str, Any]:
    """Make a forecast; what it found is the job's result."""
    check(row, 0.05)
    found = carried_out(Workspace.objects.get(slug=row.workspace), told, lambda share: check(row, share))
    return found.to_json()
