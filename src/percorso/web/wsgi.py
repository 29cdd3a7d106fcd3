"""The application that Granian serves; its process owns the data folder."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.web.settings")
application = get_wsgi_application()

if os.environ.get("PERCORSO_SERVING"):
    from percorso.commands.session import host_forever  # only the server owns; tests import this module too

    host_forever()
