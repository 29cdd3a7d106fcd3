"""Every process of a test run has a data folder of its own, named before Django reads its settings (see pyproject: -p)."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.web.settings")
os.environ["PERCORSO_DATA"] = tempfile.mkdtemp(prefix="percorso-tests-")
atexit.register(shutil.rmtree, os.environ["PERCORSO_DATA"], ignore_errors=True)
