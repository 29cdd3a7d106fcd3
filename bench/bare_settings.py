"""The same Django with one endpoint that inserts one row: what an answer's cost is compared with."""

from percorso.web.settings import *  # noqa: F403

ROOT_URLCONF = "bench.bare"
