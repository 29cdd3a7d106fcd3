"""Help of the pages of surveys."""

from percorso.surveys.editing.help import HELP as EDITING
from percorso.surveys.exchange.help import HELP as EXCHANGE
from percorso.surveys.inviting.help import HELP as INVITING
from percorso.surveys.results.help import HELP as RESULTS
from percorso.surveys.sharing.help import HELP as SHARING

HELP = {**EDITING, **EXCHANGE, **INVITING, **RESULTS, **SHARING}
