"""Facts on their way into the analytics store: kept by the transaction that makes them, loaded soon after, never lost.

A process that ends between the two leaves its rows here; loaded twice they count once, for a fact's id counts once.
"""

import json
import logging
import threading
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection, connections, transaction
from django.utils import timezone

from percorso.base.models import PendingFact
from percorso.base.owner import store
from percorso.errors import UserError

log = logging.getLogger("percorso.facts")
AT_ONCE = 5000
PAUSE_SECONDS = 1.0

_loading = threading.Lock()
_waiting = threading.Event()


def put(workspace: str, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Line up rows by fact table; they are loaded when the transaction around is committed, never when it is not.

    Parameters
    ----------
    workspace : its slug. rows : JSON values; instants in ISO 8601.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    made = [(workspace, table, json.dumps(row), "", now) for table, several in rows.items() for row in several]
    if made:
        # In plain SQL: with objects an answer would cost a tenth more.
        with connection.cursor() as cursor:
            cursor.executemany(_insert(), made)
        transaction.on_commit(_waiting.set)


def _insert() -> str:
    names = ", ".join(connection.ops.quote_name(name) for name in ("workspace", "table", "row", "problem", "at"))
    return f"INSERT INTO {PendingFact._meta.db_table} ({names}) VALUES (%s, %s, %s, %s, %s)"


def load(at_once: int = AT_ONCE) -> int:
    """Load what waits into the store, in the order in which it was put; return how many rows."""
    with _loading:
        waiting = list(PendingFact.objects.filter(problem="").order_by("id")[:at_once])
        for (workspace, table), several in groupby(sorted(waiting, key=_group), key=_group):
            _append(workspace, table, list(several))
        return len(waiting)


def _group(row: PendingFact) -> tuple[str, str]:
    return row.workspace, row.table


def _append(workspace: str, table: str, rows: list[PendingFact]) -> None:
    try:
        store().append(table, [row.row for row in rows], workspace=workspace)
    except UserError as error:
        if len(rows) > 1:
            for row in rows:
                _append(workspace, table, [row])
            return
        log.error("a fact of %s cannot be loaded: %s", table, error)
        PendingFact.objects.filter(pk=rows[0].pk).update(problem=str(error))
        return
    PendingFact.objects.filter(pk__in=[row.pk for row in rows]).delete()


class Loader(threading.Thread):
    """Loads waiting facts as soon as there are some, until it is told to end."""

    def __init__(self) -> None:
        super().__init__(name="percorso-facts", daemon=True)
        self.over = threading.Event()

    def run(self) -> None:
        """Load until the end; what other processes put is found within `PAUSE_SECONDS`."""
        while not self.over.is_set():
            _waiting.wait(PAUSE_SECONDS)
            _waiting.clear()
            try:
                while load() == AT_ONCE:
                    pass
            except DatabaseError:
                log.exception("waiting facts cannot be read")
                connections.close_all()
            # Answers come by the hundred: loaded together they cost no more than one.
            self.over.wait(PAUSE_SECONDS)
        connections.close_all()

    def end(self, wait_seconds: float | None = None) -> None:
        """Load no more, and wait for what is at hand."""
        self.over.set()
        _waiting.set()
        self.join(wait_seconds)
