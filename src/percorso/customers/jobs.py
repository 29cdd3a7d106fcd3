"""What runs later: working out who is whom, and what privacy asks for."""

from percorso.accounts.models import Workspace
from percorso.base.jobs import check, job
from percorso.base.models import Job
from percorso.customers.identity.actions import REPLAY
from percorso.customers.identity.book import settle_all
from percorso.customers.privacy import jobs as privacy_jobs  # noqa: F401 registers its own
from percorso.i18n import mark


@job(REPLAY, mark("Work out who is whom"), local=True)
def settle_identities(row: Job) -> int:
    """Work out every identity of the workspace anew; the facts of all of them follow."""
    return settle_all(Workspace.objects.get(slug=row.workspace), lambda share: check(row, share))
