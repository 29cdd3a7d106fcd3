import json
from typing import Any

from percorso.i18n import mark
from percorso.surveys.definition import Definition
from percorso.surveys.exchange._surveyjs_read import Reader
from percorso.surveys.exchange._surveyjs_write import write_survey
from percorso.surveys.exchange.format import BadFile, File, Format, Read
from percorso.surveys.exchange.reading import json_of, starts_like_json


class SurveyJSFormat(Format):
    label = mark("SurveyJS")
    about = mark("The JSON of a survey made with SurveyJS; read and written.")
    writes = "json"

    def fits(self, file: File) -> bool:
        return starts_like_json(file) and _is_survey(json_of(file))

    def read(self, file: File) -> Read:
        content = json_of(file)
        if not _is_survey(content):
            raise BadFile(mark("“{file}” has no pages with elements, as surveys of SurveyJS have."), file=file.name)
        return Reader(content).read()

    def write(self, definition: Definition) -> str:
        return json.dumps(write_survey(definition), ensure_ascii=False, indent=2)


def _is_survey(content: Any) -> bool:
    if not isinstance(content, dict) or "percorso" in content:
        return False
    pages = content.get("pages")
    if "percorsoSurvey" in content:
        return True
    several = isinstance(pages, list) and any(isinstance(page, dict) and "elements" in page for page in pages)
    return several or isinstance(content.get("elements"), list)
