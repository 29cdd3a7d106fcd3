"""Starting the forecast of very many customers."""

from percorso.accounts.models import Person
from percorso.base import jobs
from percorso.base.models import Job
from percorso.insights.value.queries import JOB, Terms, Whose, arguments_of, key_of


def start_forecast(whose: Whose, terms: Terms, *, by: Person) -> Job:
    """Line up the job that makes a forecast; one that failed or was stopped runs again."""
    job = jobs.enqueue(
        JOB, workspace=whose.workspace.slug, key=key_of(whose, terms), by=by.email, **arguments_of(whose, terms)
    )
    if job.state in (Job.State.FAILED, Job.State.STOPPED):
        jobs.repeat(job)
        job.refresh_from_db()
    return job
