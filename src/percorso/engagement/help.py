"""Help for the pages about use."""

from percorso.base.help import Entry
from percorso.engagement.flows.help import HELP as FLOWS
from percorso.engagement.funnels.help import HELP as FUNNELS
from percorso.engagement.retention.help import HELP as RETENTION
from percorso.engagement.speed.help import HELP as SPEED
from percorso.engagement.usage.help import HELP as USAGE

HELP: dict[str, Entry] = {**USAGE, **FUNNELS, **RETENTION, **FLOWS, **SPEED}
