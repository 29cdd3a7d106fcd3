"""What runs later: forgetting a customer in the facts."""

from percorso.base import fact_outbox
from percorso.base.jobs import job
from percorso.base.models import Job
from percorso.base.owner import store
from percorso.customers.forgetting import JOB
from percorso.i18n import mark


@job(JOB, mark("Forget a customer in the facts"), local=True)
def forget_facts(row: Job, customer: str) -> int:
    """Empty the personal columns of a customer's facts, those too that were still on their way."""
    while fact_outbox.load():
        pass
    store().forget(row.workspace, customer)
    return 1
