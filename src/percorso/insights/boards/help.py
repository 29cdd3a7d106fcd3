"""The help of the boards' pages."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "boards": (
        mark("Boards"),
        (
            mark("A board shows the few figures that a team looks at together. Each team may have its own; a board is seen by the roles that its settings name."),
            mark("Begin with one that is ready, such as the voice of the customer, and change it; or begin with an empty one and add cards."),
            mark("“Full screen” shows a board on a wall; a report sends it by mail."),
        ),
    ),
    "board": (
        mark("One board"),
        (
            mark("Every card stands for the same days, comparison and filters: choose them above. The board's own choice comes back when you open it anew."),
            mark("A card's title leads to its indicator. Breakdowns, series and tables can be downloaded with the arrow at their right."),
            mark("“Share” copies a link that shows exactly this, with the period and filters of now, to everybody whose role may see the board."),
            mark("A pale figure stands on too few facts to rely on; a card that cannot be answered says why."),
        ),
    ),
    "boards_wall": (
        mark("A board on a wall"),
        (
            mark("For a screen that nobody touches: no menus, larger figures, renewed every few minutes. Without a network, or signed out, it keeps what it showed last and says of when that is."),
            mark("Light or dark is chosen for this page alone. Press F11 to hide the browser's own bars."),
        ),
    ),
    "boards_edit": (
        mark("Arrange a board"),
        (
            mark("Drag a card by its grip, or move it with the arrows; minus and plus make it narrower and wider. With the keyboard the button keeps the focus, and the new place is read out."),
            mark("Everything is kept at once and holds for everybody who sees the board."),
        ),
    ),
    "boards_add": (
        mark("Add a card"),
        (
            mark("Search an indicator by a word of its name, question or formula, then press how it is shown: as a figure, over time, broken down, or in a table."),
            mark("A table takes further indicators in its settings. A text explains what readers see, or what was decided."),
        ),
    ),
    "boards_card": (
        mark("Settings of a card"),
        (
            mark("An empty title shows the indicator's name. The width counts quarters of the board; on a phone every card is as wide as the screen."),
            mark("Variants of the definition, such as business hours, hold for this card alone."),
        ),
    ),
    "boards_settings": (
        mark("Settings of a board"),
        (
            mark("Period, comparison and segment are what the board shows at first. Visitors choose others for themselves."),
            mark("Name the roles that see the board, or none for everybody. Owners, and who made the board, always see it."),
        ),
    ),
    "boards_new": (
        mark("New board"),
        (mark("A ready board is a beginning: change its cards as you like. An empty one waits for its first card."),),
    ),
}  # fmt: skip
