"""What a survey ready to send says of itself, and how it becomes a definition."""

import json
from typing import ClassVar, Literal

from percorso.surveys.bank._words import LANGUAGES, THANKS, Text
from percorso.surveys.definition import Definition, Page

COMPANY = "{company}"


class Template:
    """One survey ready to send, in English, Portuguese (Brazil) and Italian."""

    key: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    population: ClassVar[Literal["customer", "employee", "partner"]] = "customer"
    anonymous: ClassVar[bool] = False
    languages: ClassVar[tuple[str, ...]] = LANGUAGES
    # Keys of the indicators that count its answers, the one that it is made for first.
    indicators: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[Text]
    thanks: ClassVar[Text] = THANKS

    def pages(self) -> list[Page]:
        """Return its pages; `{company}` stands for who asks."""
        raise TypeError(f"{type(self).__name__} must say what it asks")

    def make(self, company: str, language: str = "en") -> Definition:
        """Return the definition to begin with.

        Parameters
        ----------
        company : who asks, as it is called in the questions. language : the one that the survey is written in.
        """
        made = Definition(
            language=language if language in self.languages else self.languages[0],
            languages=list(self.languages),
            title=self.title,
            pages=self.pages(),
            thanks=self.thanks,
        )
        # Braces in a name would be read as the place of an earlier answer.
        name = json.dumps(company.replace("{", "(").replace("}", ")"))[1:-1]
        written = made.model_dump_json(by_alias=True, exclude_defaults=True).replace(COMPANY, name)
        return Definition.model_validate_json(written)
