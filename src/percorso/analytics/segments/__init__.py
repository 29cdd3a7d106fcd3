"""Groups of customers by a rule, on any engine: a rule is a value, and compiles to one expression."""

from percorso.analytics.segments.compile import customers_in
from percorso.analytics.segments.parse import parse, to_json
from percorso.analytics.segments.rules import (
    AllOf,
    Answered,
    AnyOf,
    Did,
    Figure,
    Last,
    Member,
    NotIn,
    Rule,
    Trait,
    Went,
    Where,
    members,
    resolve,
)

__all__ = [
    "AllOf",
    "Answered",
    "AnyOf",
    "Did",
    "Figure",
    "Last",
    "Member",
    "NotIn",
    "Rule",
    "Trait",
    "Went",
    "Where",
    "customers_in",
    "members",
    "parse",
    "resolve",
    "to_json",
]
