"""The pages' tests look as Alice does, who owns the workspace."""

import pytest
from django.test import Client


@pytest.fixture
def client(alice: Client) -> Client:
    return alice
