"""What the installation does for itself every night."""

from datetime import time

from django.contrib.sessions.backends.db import SessionStore

from percorso.base.jobs import Rule, forget_old, job
from percorso.base.models import Job
from percorso.base.owner import store
from percorso.i18n import mark

# A table with fewer new rows than this share is fast enough as it is.
OUT_OF_ORDER = 0.1


@job("tidy", mark("Tidy up"), every=Rule(at=time(3, 20)))
def tidy(row: Job) -> dict[str, int]:
    """Delete what is over: sessions that have ended, jobs of last month."""
    SessionStore.clear_expired()
    return {"jobs": forget_old()}


@job("put_in_order", mark("Put facts in order"), every=Rule(at=time(3, 30)), local=True)
def put_in_order(row: Job) -> list[str]:
    """Rewrite tables of facts in their order, when many rows came since that was done."""
    return store().compact(out_of_order=OUT_OF_ORDER)
