from percorso.i18n import mark
from percorso.surveys.exchange._qualtrics import Reader
from percorso.surveys.exchange._qualtrics_answers import add_answers
from percorso.surveys.exchange.format import BadFile, File, Format, Read
from percorso.surveys.exchange.reading import json_of, starts_like_json


class QualtricsFormat(Format):
    label = mark("Qualtrics")
    about = mark("A questionnaire as .qsf, and its answers as CSV with three lines of names, as values or as texts.")

    def fits(self, file: File) -> bool:
        content = json_of(file) if starts_like_json(file) else None
        return isinstance(content, dict) and "SurveyElements" in content

    def read(self, file: File) -> Read:
        content = json_of(file)
        if not isinstance(content.get("SurveyElements"), list):
            raise BadFile(mark("“{file}” has no elements of a survey. Export it again."), file=file.name)
        return Reader(content).read()

    def answers(self, read: Read, file: File, zone: str) -> None:
        add_answers(read, file, zone)
