"""Help for these pages."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "funnels": (
        mark("Funnels"),
        (
            mark("A funnel follows each customer from step to step: how many get there, how many stop, and how long it takes. Its address says everything, so it can be sent to a colleague as it stands."),
            mark("Who begins within the period counts, once; later steps may come after the period, as long as the window is open. Whose window is still open is on the way and has not dropped off."),
            mark("The thin line on a bar is the 95% interval: with few customers it is long, and a small difference says nothing. Break down by channel or device to see where it is lost; only differences beyond chance are marked."),
            mark("Make a segment of those who dropped off: it can be looked at in every figure, written to, and compared with everybody else."),
        ),
    ),
}  # fmt: skip
