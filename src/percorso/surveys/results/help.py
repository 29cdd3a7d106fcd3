"""Help of the pages of results."""

from percorso.i18n import mark

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "survey": (
        mark("Results of a survey"),
        (
            mark(
                "What was answered so far. The page renews itself while you look at it; “Stop renewing” keeps it as it is. An answer is in the figures a second or two after it was given."
            ),
            mark(
                "Every figure has an interval: the pale stretch in its bar. The true value lies in it, 95% sure. When two intervals overlap widely, the difference may be chance."
            ),
            mark(
                "The response rate is invitations answered of those delivered; the completion rate responses finished of those begun. “Where people stop” counts, for each question, only those who saw it."
            ),
            mark(
                "Suspicious responses are marked and count until somebody leaves them out. Clicks in a message that nobody confirmed, and those of programs that open links, never count."
            ),
        ),
    ),
    "survey_answers": (
        mark("Single answers"),
        (
            mark("One line a response, the newest first. Search finds who answered and words in comments."),
            mark(
                "“Left out” responses stay here and count in no figure. Open one to see why it is marked, to leave it out or to count it again."
            ),
            mark("Single answers of an anonymous survey are shown to nobody."),
        ),
    ),
    "survey_answer": (
        mark("One response"),
        (
            mark(
                "All questions as this respondent saw them: in the version that was answered, with what it recalled of earlier answers."
            ),
            mark(
                "To leave it out needs a reason, which the audit log keeps. It can be counted again at any time. “Erase” is for who asks for it: nothing of the answers is left."
            ),
        ),
    ),
    "survey_export": (
        mark("Answers as files"),
        (
            mark(
                "One row a response and columns for the questions of all versions, so that answers to a question that was replaced later stand beside the new one's."
            ),
            mark(
                "In SPSS, options are numbers with labels in the order in which they were first offered; −99 is “no answer”, −98 “not shown”. Large files are made in the background and stay here for a week."
            ),
            mark("Of an anonymous survey there are only counts, and none below its smallest group."),
        ),
    ),
}
