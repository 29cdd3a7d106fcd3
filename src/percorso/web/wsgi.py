"""The application that Granian serves; its process owns the data folder."""

import logging
import os
import signal
import sys
import time
from threading import Event, Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.web.settings")
pages = get_wsgi_application()
# A supervisor kills a process that does not end within 10 to 30 seconds.
PATIENCE_SECONDS = 5.0
QUIET_SECONDS = 1.0
FOLLOW_SECONDS = 0.5
# A thread that computes holds the interpreter so long before others get their turn, which a request needs after each
# statement of its database: at Python's 5 ms a few seconds of computing keep hundreds of answers waiting.
TURN_SECONDS = 0.0005
log = logging.getLogger("percorso.server")

from percorso.sources.tracking.endpoint import Tracking  # noqa: E402 - its models need Django to be set up
from percorso.web.attendance import Attendance  # noqa: E402

application = Attendance(Tracking(pages))


def _warm(over: Event) -> None:
    """Ask what the overviews ask first, so that the first visitor does not wait; nothing depends on it.

    It computes for seconds: while people answer surveys by the hundred it would keep them waiting for as long.
    """
    from percorso.accounts.models import Workspace
    from percorso.insights.queries import warm

    try:
        for workspace in Workspace.objects.all():
            for step in warm(workspace):
                if not application.wait_for_quiet(QUIET_SECONDS, over):
                    return
                step()
    except Exception:
        if not over.is_set():
            log.exception("the overviews cannot be prepared")


def _follow(parent: int) -> None:
    """End when the process that started this one is gone: nobody else would end it, and it holds the data folder."""
    while os.getppid() == parent:
        time.sleep(FOLLOW_SECONDS)
    log.error("the process that started this one is gone: it ends too")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(2 * PATIENCE_SECONDS)
    os._exit(1)


def _work() -> None:
    """Carry out jobs in threads of this process until it ends."""
    from percorso.accounts.queries import zones
    from percorso.base.worker import Worker
    from percorso.commands.session import FIRST, at_end
    from percorso.config import setting

    threads = int(str(setting("WORKERS")))
    if threads:
        worker = Worker(threads, zones, local=True)
        worker.start()
        at_end(lambda: worker.end(PATIENCE_SECONDS), FIRST)


if os.environ.get("PERCORSO_SERVING"):
    # Only the server owns; tests import this module too.
    from percorso.commands.session import FIRST, at_end, host_forever
    from percorso.sources.actions import mark_interrupted
    from percorso.sources.tracking.loader import SpoolLoader

    sys.setswitchinterval(TURN_SECONDS)
    Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    host_forever()
    mark_interrupted()
    _work()
    loader = SpoolLoader()
    loader.start()
    at_end(lambda: loader.end(PATIENCE_SECONDS), FIRST)
    ending = Event()
    at_end(ending.set, FIRST)
    Thread(target=_warm, args=(ending,), daemon=True).start()
