"""What tests of all folders share."""

pytest_plugins = ["tests.people", "tests.facts", "tests.sites"]
