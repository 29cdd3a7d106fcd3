"""What runs on a clock: looking whether figures changed."""

from datetime import time

from percorso.accounts.models import Workspace
from percorso.base.jobs import Rule, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.insights.alerting import jobs as alerting_jobs  # noqa: F401
from percorso.insights.reports import jobs as reports_jobs  # noqa: F401
from percorso.insights.value import jobs as value_jobs  # noqa: F401
from percorso.insights.watching import tell_changes


@job("watch_figures", mark("Look for changed figures"), every=Rule(at=time(7)), per_workspace=True, local=True)
def watch_figures(row: Job) -> int:
    """Tell other systems which figures of the last whole week differ from the week before."""
    return tell_changes(Workspace.objects.get(slug=row.workspace))
