"""The OpenAPI document: what operations say of themselves, and everything that the gate may answer; and its page."""

from typing import Any

from ninja.openapi.docs import Swagger

from percorso.base.rest import PROBLEMS, ProblemDetails
from percorso.web.api.problems import MEDIA_TYPE

SCHEMA = "#/components/schemas/ProblemDetails"
ALWAYS = (400, 401, 403, 429, 500, 503)
WITH_BODY = (409, 413, 415, 422)
METHODS = ("get", "post", "put", "patch", "delete")
LIMIT_HEADERS = {
    "RateLimit-Limit": "requests that the key may make in a minute",
    "RateLimit-Remaining": "how many of them are left",
    "RateLimit-Reset": "seconds until they are all there again",
}
REPEATABLE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "any text of your own, new for each change; repeated with it, a request gets its first answer again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class Documented:
    """For a NinjaAPI: completes the document that Ninja makes."""

    def get_openapi_schema(self, **asked: Any) -> Any:
        """Return the OpenAPI 3.1 document."""
        document = super().get_openapi_schema(**asked)  # type: ignore[misc]
        document["components"]["schemas"].update(_schemas())
        document["components"]["securitySchemes"] = {
            "ApiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "pc_…", "description": "an API key"}
        }
        for path, item in document["paths"].items():
            for method in METHODS:
                if method in item:
                    _complete(item[method], path, method)
        return document


class Document(Swagger):
    """The page that shows the document, from our own files only."""

    template = "web/api.html"

    def __init__(self) -> None:
        # Without it the page would ask a server elsewhere to check the document.
        super().__init__({"validatorUrl": None, "persistAuthorization": False})


def _schemas() -> dict[str, Any]:
    made = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    return {**made.pop("$defs", {}), "ProblemDetails": made}


def _complete(operation: dict[str, Any], path: str, method: str) -> None:
    operation["security"] = [{"ApiKey": []}]
    statuses = [*ALWAYS]
    if "requestBody" in operation:
        statuses += WITH_BODY
    elif operation["parameters"]:
        statuses.append(422)
    if "{" in path:
        statuses.append(404)
    if method == "delete":
        statuses.append(409)
    if method == "post":
        operation["parameters"].append(REPEATABLE)
        statuses += [409, 422]
    for status in sorted(set(statuses)):
        operation["responses"].setdefault(status, _problem(status))
    for answer in operation["responses"].values():
        answer["headers"] = {
            name: {"description": about, "schema": {"type": "integer"}} for name, about in LIMIT_HEADERS.items()
        }


def _problem(status: int) -> dict[str, Any]:
    name, title = PROBLEMS[status]
    shown = {"type": f"urn:percorso:problem:{name}", "title": title, "status": status, "detail": title, "errors": []}
    return {"description": title, "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMA}, "example": shown}}}
