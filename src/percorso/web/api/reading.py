"""Reading JSON bodies strictly: what one of the stores could not keep is refused at the door."""

from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser
from pydantic_core import from_json

from percorso.base.rest import Problem
from percorso.i18n import mark


class StrictParser(Parser):
    """JSON as RFC 8259 has it: no NaN, no half characters, and no NUL, which PostgreSQL keeps in no text."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's value.

        Raises
        ------
        Problem : it is no JSON (400).
        """
        body = request.body
        try:
            if b"\\u0000" in body:
                raise ValueError("the character NUL")
            return from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise Problem(400, mark("The body is no JSON that can be read: {reason}."), reason=str(error)) from error
