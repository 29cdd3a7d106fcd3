"""What the installation does for itself every night."""

from datetime import time

from django.contrib.sessions.backends.db import SessionStore

from percorso.base.jobs import Rule, forget_old, job
from percorso.base.models import Job
from percorso.i18n import mark


@job("tidy", mark("Tidy up"), every=Rule(at=time(3, 20)))
def tidy(row: Job) -> dict[str, int]:
    """Delete what is over: sessions that have ended, jobs of last month."""
    SessionStore.clear_expired()
    return {"jobs": forget_old()}
