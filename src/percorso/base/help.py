"""Help: each app's ``help.py`` has HELP, by the name of a page's address; here are the frame's own pages and the words."""

from percorso.i18n import mark

Entry = tuple[str, tuple[str, ...]]

HELP: dict[str, Entry] = {
    "find": (
        mark("Search"),
        (
            mark("Type a part of a name: pages, indicators and, if your role allows it, customers are found."),
            mark("Ctrl-K (⌘-K on a Mac) or / opens the search on every page. Choose with the arrow keys, open with Enter, close with Esc."),
        ),
    ),
    "notices": (
        mark("Notices"),
        (
            mark("What percorso tells you by itself: an import has finished, a figure has changed, a webhook no longer works."),
            mark("Opening a notice marks it as read. Notices are for you alone; others have their own."),
        ),
    ),
    "jobs": (
        mark("Jobs"),
        (
            mark("Work that takes longer than a page may: imports, downloads of many rows, deliveries, backups. You may leave the page: a job goes on without you."),
            mark("A job that fails is tried again by itself, later and later. When it has failed for good, the reason stands beside it: solve it, then press “Run again”. What must happen once happens once, however often a job runs."),
            mark("Scheduled jobs run by the clock of the workspace's time zone."),
        ),
    ),
    "help": (
        mark("Help"),
        (
            mark("Every page has its own help: the “?” button, or the ? key. This page has all of it, and what the words mean."),
        ),
    ),
    "components": (
        mark("Components"),
        (
            mark("Every part that pages are built of, in every state. For those who change percorso: look here before you make a new one."),
        ),
    ),
}  # fmt: skip

WORDS: tuple[tuple[str, str], ...] = (
    (mark("Customer"), mark("Somebody the figures are about: who answered, asked, bought. Shown only to roles that may see personal data.")),
    (mark("Company"), mark("A business customer to which several customers belong.")),
    (mark("Person"), mark("Somebody who uses percorso: you and your team.")),
    (mark("Workspace"), mark("A company or brand with its own facts, people, time zone and business hours. Nothing is shared between workspaces.")),
    (mark("Indicator"), mark("A figure with a definition: what is counted, over what, in which unit, which direction is better. Every page shows the same figure for the same question.")),
    (mark("Fact"), mark("One row that came in: an answer, a ticket, a contact, an order. Facts are never changed; figures are made of them.")),
    (mark("Interval"), mark("The range in which the true figure lies with 95% confidence. A wide interval means: few facts, be careful.")),
    (mark("n"), mark("How many facts a figure stands on. Below a minimum the figure is shown faintly as “too few to rely on”.")),
    (mark("Verdict"), mark("Whether a figure changed by more than chance explains, compared with another period or group. “No clear change” is not “nothing happened”: it means that the facts do not show it.")),
    (mark("Period"), mark("The days a figure counts, in the workspace's time zone; both the first and the last day are inside.")),
    (mark("Segment"), mark("A part of the facts chosen by filters, such as a country or a channel.")),
    (mark("Breakdown"), mark("The same figure for each value of a column, to see where it differs.")),
    (mark("Channel"), mark("How customer and company met: e-mail, chat, phone, shop …")),
    (mark("Annotation"), mark("A note on the time axis, such as “new carrier”, that helps to explain a change later.")),
    (mark("Import"), mark("Facts brought in from files at one time. An import can be tried first, repeated without counting anything twice, and undone as a whole.")),
    (mark("Case"), mark("One follow-up with one customer, from the first signal to the answer that helped.")),
    (mark("Job"), mark("Work that runs in the background: it goes on when you leave the page.")),
    (mark("API key"), mark("A program's password to one workspace, shown once when it is made.")),
    (mark("Webhook"), mark("An address of yours that percorso calls when something has happened.")),
)  # fmt: skip
