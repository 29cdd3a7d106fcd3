"""Help of these pages."""

from percorso.i18n import mark

_EDITOR = (
    mark("On the left are the pages and their questions, in the middle what you write, on the right what respondents see. Every change is kept at once; Undo takes the last one back."),
    mark("Nobody sees a change until you publish it. Each answer keeps the version that it was given to."),
    mark("Once a question is answered its scale and its options' ids stay, so that figures stay comparable. “Make it a new question” begins a new count beside the old one."),
    mark("Texts can recall what is known: {company}, {customer.name|there}, or an earlier answer. The word after the line stands in when nothing is known."),
)  # fmt: skip
HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "surveys": (
        mark("Surveys"),
        (
            mark("Every survey with its state, how many have answered, and how many of those who were invited."),
            mark("The response rate counts personal invitations only: of a link or a code nobody knows who has seen it."),
            mark("Open a survey to see its results as they arrive."),
        ),
    ),
    "survey_new": (
        mark("New survey"),
        (
            mark("A template brings proven wordings in three languages, and each answer counts for the right indicator. Change what you like."),
            mark("Ask little: one score and one “why” are answered far more often than twenty questions."),
        ),
    ),
    "survey_edit": (mark("Writing a survey"), _EDITOR),
    "survey_publish": (
        mark("Publishing"),
        (
            mark("What stops publishing is listed with the way to it. What is worth a look does not stop you."),
            mark("Who is in the middle of an earlier version finishes that one."),
        ),
    ),
    "survey_translate": (
        mark("Translations"),
        (
            mark("Every text that you wrote stands beside its translation. What is missing is shown to respondents in the survey's own language."),
            mark("Places such as {company} must stay in the translation: they are replaced in every language."),
        ),
    ),
    "survey_settings": (
        mark("Settings of a survey"),
        (
            mark("Pause a survey to take no answers for a while, close it when it is over. Answers always stay."),
            mark("The colour is checked when you choose it: edges and text must be seen by everybody."),
            mark("Anonymity is a promise: once somebody has answered, it cannot be taken back."),
        ),
    ),
}  # fmt: skip
