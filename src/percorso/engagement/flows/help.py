"""Help for these pages."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "flows": (
        mark("Which ways customers take"),
        (
            mark("The drawing shows the ways from touchpoint to touchpoint, step by step: the thicker a band, the more go there. Choose where ways begin or end, and whether a way is one visit or everything that one customer did; calls, tickets, answers, orders and messages can be part of it too."),
            mark("Below stands what follows what anywhere on the way: how often, with the interval that chance leaves, and how long half of them take at most. A loop is a step that leads straight back to where it came from. At a dead end ways end more often than at all other touchpoints together, beyond chance; after a purchase that is what you want, in the middle of one it is not."),
            mark("Compare with another group or with earlier days to see which steps differ. All steps are tested together, so that of those marked as different about one in ten may be chance."),
            mark("Click a touchpoint to see the ways from there on. What disturbs the picture can be left out: the way then goes on as if it had not been."),
        ),
    ),
}  # fmt: skip
