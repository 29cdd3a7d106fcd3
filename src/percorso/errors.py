"""Errors that a person reads: what happened and what to do about it."""

from typing import Any


class UserError(Exception):
    """A problem that its reader can solve.

    `message` is a marked English template with ``{name}`` places; whoever shows it translates the template first and
    fills it in after, so that no sentence is glued together.
    """

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message.format(**self.params)


class StoreBusy(UserError):
    """Another process has the data folder open."""


class BadRows(UserError):
    """Rows that do not fit the fact table they were given for."""


class BadQuestion(UserError):
    """A query that names something that does not exist or does not fit together."""


class Unknown(BadQuestion, KeyError):
    """A name that is not in a registry (a KeyError too, as mappings must raise)."""


class Unfit(ValueError):
    """A value that does not fit, told by a validator: `message` is marked and has its places, as a `UserError`'s."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message.format(**params))
        self.message, self.params = message, params
