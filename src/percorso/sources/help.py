"""Help of the imports' pages."""

from percorso.i18n import mark
from percorso.sources.arriving.help import HELP as ARRIVING
from percorso.sources.webhooks.help import HELP as WEBHOOKS

_UPLOAD = mark(
    "Files are kept on the server for 30 days, so that an import can be run again, then they are deleted. They never leave the server."
)

HELP = {
    **ARRIVING,
    **WEBHOOKS,
    "imports": (
        mark("Imports"),
        (
            mark("Everything that came in from files, the newest first: by a page, by the API or by the command. A draft is an upload that was not imported yet."),
            mark("New rows count from now on. Rows that were known already count once, with the values delivered last. Rejected rows could not be read: open the import to see each with its line and reason."),
            mark("To begin, press “Import a file”."),
        ),
    ),
    "import_new": (
        mark("Import a file"),
        (
            mark("Choose what one row of the files is, then drop them. The first group takes files with any columns: events, orders, subscriptions and the others. The second knows the exports of some systems. CSV, Excel, JSON, JSON Lines and Parquet are read, also compressed with gzip."),
            mark("Uploading stores no facts: on the next page you see what each column is taken for and can try the import."),
            _UPLOAD,
        ),
    ),
    "import_mapping": (
        mark("What each column is"),
        (
            mark("percorso suggests what each column is from its name and its values; correct what is wrong. For a score choose what it measures and on which scale: a 4 on a scale to 5 is not a 4 on a scale to 10."),
            mark("For amounts choose whether they are written such as 49.90 or in cents, and for lengths of time their unit. Columns without a role are kept as properties."),
            mark("“Try it” reads all rows and stores nothing: you see the first rows as they would be stored, how many there are, and every row that cannot be imported with its reason."),
            mark("When an import has worked, what each column is is kept and suggested for the next file with the same columns."),
        ),
    ),
    "import": (
        mark("One import"),
        (
            mark("How far it is, or how it ended: rows by table, new or known already, and every row that could not be imported. Download those, correct them in their source, and import again: nothing counts twice."),
            mark("“Run again” reads the same files once more, for example after it was stopped. “Undo” takes all its rows out of all figures. Rows of other imports that it had replaced come back as long as the files of those imports are kept."),
            _UPLOAD,
        ),
    ),
}  # fmt: skip
