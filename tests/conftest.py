"""What tests of all folders share."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.people", "tests.facts", "tests.sites"]

# How long an example takes says how busy the machine is: no test is about that.
settings.register_profile("percorso", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("percorso")
