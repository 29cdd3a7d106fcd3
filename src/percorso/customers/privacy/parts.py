"""What each app keeps of people, told by the app: for the copy that a person may ask for, and for erasing them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from percorso.accounts.models import Workspace

if TYPE_CHECKING:
    from percorso.customers.privacy.subject import Subject

Row = dict[str, Any]
# What tells nothing of the person, or opens what is not theirs.
SECRET = ("workspace", "key", "secret", "origin")


@dataclass(frozen=True)
class Kept:
    """A model with a row for each message, invitation … of a person: by `customer` where it has one, and by `address`."""

    model: type[models.Model]
    workspace: str = "workspace"
    customer: str = "customer"
    address: str = "address"
    name: str = ""

    def of(self, workspace: Workspace, subject: "Subject") -> models.QuerySet[Any]:
        """Return the rows of a person: by customer, and by an address where no other customer is named."""
        mine = Q(pk__in=())
        if self.customer:
            mine |= Q(**{f"{self.customer}__in": subject.customers})
        if self.address:
            at = Q(**{f"{self.address}__in": subject.own_addresses})
            mine |= at & Q(**{self.customer: ""}) if self.customer else at
        return self.all(workspace).filter(mine).order_by("pk")

    def all(self, workspace: Workspace) -> models.QuerySet[Any]:
        """Return the rows of a workspace."""
        return self.model._default_manager.filter(**{self.workspace: workspace})

    def rows(self, workspace: Workspace, subject: "Subject") -> Iterator[Row]:
        """Return a person's rows as JSON values."""
        fields = [f for f in self.model._meta.concrete_fields if f.name not in SECRET and f.remote_field is None]
        for row in self.of(workspace, subject).iterator():
            yield {f.name: told(f.value_from_object(row)) for f in fields}


@dataclass(frozen=True)
class Part:
    """What one app keeps of people.

    Parameters
    ----------
    label : what it is, marked. kept : models with a row for each thing. more : further rows, by a function.
    gone : models whose rows are deleted, not scrubbed, when they tell of an erased person.
    settle : brings in what is still on its way. files : where the workspace's files lie that may tell of people.
    """

    key: str
    label: str
    kept: tuple[Kept, ...] = ()
    more: Callable[[Workspace, "Subject"], Iterable[Row]] | None = None
    gone: tuple[type[models.Model], ...] = ()
    settle: Callable[[], None] | None = None
    files: Callable[[Workspace], Iterable[Path]] | None = None

    def rows(self, workspace: Workspace, subject: "Subject") -> Iterator[Row]:
        """Return everything that is kept of a person, as JSON values; `kind` says what a row is."""
        for kept in self.kept:
            for row in kept.rows(workspace, subject):
                yield {"kind": kept.model._meta.model_name, **row}
        if self.more is not None:
            yield from self.more(workspace, subject)

    def contacts(self, workspace: Workspace, customer: str) -> Iterator[tuple[str, str]]:
        """Return the addresses and names under which a customer is known here."""
        for kept in self.kept:
            if kept.customer and kept.address:
                names = [kept.address, kept.name] if kept.name else [kept.address]
                rows = kept.all(workspace).filter(**{kept.customer: customer}).order_by()
                yield from ((row[0], row[1] if kept.name else "") for row in rows.values_list(*names).distinct())

    def others(self, workspace: Workspace, addresses: Collection[str], customer: str) -> set[str]:
        """Return those of some addresses that other customers have too."""
        made: set[str] = set()
        for kept in self.kept:
            if kept.customer and kept.address:
                rows = kept.all(workspace).filter(**{f"{kept.address}__in": addresses}).order_by()
                made |= set(
                    rows.exclude(**{f"{kept.customer}__in": ("", customer)}).values_list(kept.address, flat=True)
                )
        return made

    def customers(self, workspace: Workspace, address: str) -> set[str]:
        """Return the customers that are written to at an address."""
        return {one for kept in self.kept if kept.customer and kept.address for one in self._at(kept, workspace, address, kept.customer)}  # fmt: skip

    def names(self, workspace: Workspace, address: str) -> set[str]:
        """Return the names that go with an address."""
        return {one for kept in self.kept if kept.name for one in self._at(kept, workspace, address, kept.name)}

    def _at(self, kept: Kept, workspace: Workspace, address: str, column: str) -> set[str]:
        rows = kept.all(workspace).filter(**{kept.address: address}).order_by()
        return set(rows.values_list(column, flat=True).distinct())


def told(value: Any) -> Any:
    """Return a column's value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else value


PARTS: dict[str, Part] = {}


def add_part(part: Part) -> None:
    """Tell what an app keeps of people; called once by each app when it is ready."""
    PARTS[part.key] = part


@dataclass(frozen=True)
class Ending:
    """What may end after some months: deleted, or (`deleted` false) without whom it was about.

    count, end : of a workspace's things older than an instant, how many there are; end them, and return how many it was.
    """

    key: str
    label: str
    deleted: bool
    count: Callable[[Workspace, datetime], int]
    end: Callable[[Workspace, datetime], int]


ENDINGS: dict[str, Ending] = {}


def add_ending(ending: Ending) -> None:
    """Tell what of an app may end; called once by each app when it is ready."""
    ENDINGS[ending.key] = ending


def delete_older(key: str, label: str, model: type[models.Model], workspace: str = "workspace", at: str = "at") -> None:
    """Tell that rows of a model may be deleted when they are older; `at` is the field that says how old they are."""

    def old(of: Workspace, before: datetime) -> models.QuerySet[Any]:
        return model._default_manager.filter(**{workspace: of, f"{at}__lt": before})

    add_ending(Ending(key, label, True, lambda of, b: old(of, b).count(), lambda of, b: old(of, b).delete()[0]))
