"""Every test run has a data folder of its own, named before Django reads its settings."""

import os
import tempfile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.web.settings")
os.environ["PERCORSO_DATA"] = tempfile.mkdtemp(prefix="percorso-tests-")

pytest_plugins = ["tests.people", "tests.facts"]
