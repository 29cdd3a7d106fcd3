"""A program that uses the REST interface: a key, and a workspace whose facts start empty."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from percorso.accounts.actions import make_key
from percorso.accounts.models import ApiKey, Person, Workspace

V1 = "/api/v1"


class Program:
    """Signs every request with one key."""

    def __init__(self, workspace: Workspace, owner: Person, scope: str = "write", *, personal: bool = True) -> None:
        self.key, self.secret = make_key(workspace, f"{scope} program", scope, by=owner, personal=personal)
        self.client = Client(SERVER_NAME="localhost", raise_request_exception=True)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send a request with a JSON body."""
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        given = {"Authorization": f"Bearer {self.secret}"} | {n.replace("_", "-"): v for n, v in headers.items()}
        answer: HttpResponse = self.client.generic(method, V1 + path, headers=given, **data)
        return answer

    def get(self, path: str, **headers: str) -> HttpResponse:
        """Send a GET request."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """Send a POST request with a JSON body."""
        return self.ask("POST", path, body, **headers)

    def upload(self, path: str, fields: dict[str, Any], **headers: str) -> HttpResponse:
        """Send a POST request with files."""
        given = {"Authorization": f"Bearer {self.secret}"} | {n.replace("_", "-"): v for n, v in headers.items()}
        answer: HttpResponse = self.client.post(V1 + path, fields, headers=given)
        return answer


def revoked(program: Program) -> Program:
    """Return the program with its key revoked."""
    ApiKey.objects.filter(pk=program.key.pk).update(revoked_at=timezone.now())
    return program
