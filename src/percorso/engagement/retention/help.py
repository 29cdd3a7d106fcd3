"""Help for these pages."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "retention": (
        mark("Retention"),
        (
            mark("Everybody who did the first event for the first time ever in one week (day, month …) is a cohort. Its row tells which share came back how long after."),
            mark("“On it” counts who came back in exactly that week; “on it or later” who has not left for good by then; brackets put several weeks together. A cell is empty until its last day is over."),
            mark("Read downwards to see whether newer customers stay better, and read the intervals before you say so: small cohorts vary much by chance."),
            mark("Make a segment of who began and has not come back, and ask them or invite them."),
        ),
    ),
}  # fmt: skip
