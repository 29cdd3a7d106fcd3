"""The application that Granian serves; its process owns the data folder."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.web.settings")
application = get_wsgi_application()


def _warm() -> None:
    """Ask what the overviews ask first, so that the first visitor does not wait."""
    from percorso.accounts.models import Workspace
    from percorso.insights.queries import warm

    for workspace in Workspace.objects.all():
        warm(workspace)


if os.environ.get("PERCORSO_SERVING"):
    # Only the server owns; tests import this module too.
    from percorso.commands.session import host_forever
    from percorso.sources.actions import mark_interrupted

    host_forever()
    mark_interrupted()
    Thread(target=_warm, daemon=True).start()
