"""How programs sign in to the REST interface: ``Authorization: Bearer pc_…``, never a cookie."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja.security import HttpBearer

from percorso.accounts.models import ApiKey
from percorso.accounts.queries import key_by
from percorso.base.rest import Problem
from percorso.i18n import mark

Needs = Literal["read", "write", "personal"]


class KeyRequest(HttpRequest):
    """A request signed by a key (for type checks; Django makes the object)."""

    auth: ApiKey


def key_of(request: Any) -> ApiKey | None:
    """Return the key that a request is signed by, None when there is none that works; it is looked up once."""
    if not hasattr(request, "api_key"):
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        request.api_key = key_by(secret.strip()) if kind.lower() == "bearer" and secret else None
    found: ApiKey | None = request.api_key
    return found


class Bearer(HttpBearer):
    """The key must work and allow what an operation needs."""

    openapi_bearerFormat = "pc_…"

    def __init__(self, needs: Needs) -> None:
        super().__init__()
        self.needs = needs

    def __call__(self, request: HttpRequest) -> ApiKey:
        key = key_of(request)
        if key is None:
            raise Problem(
                401,
                mark("Give an API key as Authorization: Bearer pc_… . Owners make keys in the settings."),
                headers={"WWW-Authenticate": 'Bearer realm="percorso"'},
            )
        if self.needs == "write" and key.scope != ApiKey.Scope.WRITE:
            raise Problem(403, mark("This key may only read. Use one that may write."))
        if self.needs == "personal" and not key.personal:
            raise Problem(403, mark("This key may not read personal data. Use one that may."))
        return key

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """Not used: `__call__` reads the header itself."""
        return self(request)


READ, WRITE, PERSONAL = Bearer("read"), Bearer("write"), Bearer("personal")
