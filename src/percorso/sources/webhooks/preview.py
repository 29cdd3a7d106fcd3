"""What would become of a call with other settings, before anything is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from percorso.errors import UserError
from percorso.sources.webhooks.actions import secret_names
from percorso.sources.webhooks.kind import WEBHOOK_KINDS, Call, Unusable, checked_settings
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource
from percorso.sources.webhooks.reading import OTHER_SHAPE

MOST_ROWS = 20


@dataclass
class Preview:
    """The rows that a call makes, each with its table, column by column; or why it makes none. `event`: what it tells."""

    event: str = ""
    rows: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    more: int = 0
    problem: str = ""


def previewed(source: WebhookSource, settings: Mapping[str, Any], delivery: WebhookDelivery) -> Preview:
    """Read a kept call with settings that are not saved yet."""
    kind = WEBHOOK_KINDS[source.kind]
    asked = dict(settings) | {name: source.settings.get(name, "") for name in secret_names(kind.Config)}
    try:
        config = checked_settings(kind, asked)
        reading = kind.read(Call(delivery.body.encode(), delivery.headers), config)
    except Unusable as error:
        return Preview(delivery.event, problem=gettext(error.template).format(**error.params))
    except UserError as error:
        return Preview(delivery.event, problem=gettext(error.message).format(**error.params))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as error:
        told = gettext(OTHER_SHAPE).format(kind=gettext(kind.label), reason=f"{type(error).__name__}: {error}")
        return Preview(delivery.event, problem=told)
    rows = [(row.table, {k: _written(v) for k, v in row.values.items() if v is not None}) for row in reading.rows]
    problem = gettext(reading.ignored) if reading.ignored else ""
    if reading.trouble:
        problem = gettext(reading.trouble.template).format(**reading.trouble.params)
    return Preview(delivery.event, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS), problem)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
