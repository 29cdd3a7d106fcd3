"""What customers live and staff believe: one list of items, asked of both in the same words on the same scale."""

from percorso.surveys.bank._words import QUALITY, Text, say
from percorso.surveys.definition import Question

ITEMS = {
    "experience_ease": say(
        "How easy it is to do business with {company}",
        "A facilidade de fazer negócio com a {company}",
        "La facilità di avere a che fare con {company}",
    ),
    "experience_promises": say(
        "How {company} keeps its promises",
        "O modo como a {company} cumpre o que promete",
        "Il modo in cui {company} mantiene le promesse",
    ),
    "experience_speed": say(
        "How quickly {company} answers and delivers",
        "A rapidez com que a {company} responde e entrega",
        "La rapidità con cui {company} risponde e consegna",
    ),
    "experience_people": say(
        "The people at {company}: how friendly and competent they are",
        "A atenção e a competência das pessoas da {company}",
        "La gentilezza e la competenza delle persone di {company}",
    ),
    "experience_product": say(
        "The quality of what {company} offers",
        "A qualidade do que a {company} oferece",
        "La qualità di ciò che {company} offre",
    ),
    "experience_problems": say(
        "How {company} solves problems",
        "O modo como a {company} resolve problemas",
        "Il modo in cui {company} risolve i problemi",
    ),
}


def items(how: Text) -> list[Question]:
    """Return the items; `how` says from whose side they are rated."""
    return [
        Question(
            id=key, type="csat", text=text, help=how, metric="experience", required=True, settings={"labels": QUALITY}
        )
        for key, text in ITEMS.items()
    ]
