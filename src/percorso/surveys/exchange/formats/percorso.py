import json

from percorso.i18n import mark
from percorso.surveys.definition import Definition
from percorso.surveys.exchange.format import BadFile, File, Format, Read, made
from percorso.surveys.exchange.reading import json_of, starts_like_json

VERSION = 1


class PercorsoFormat(Format):
    label = mark("percorso")
    about = mark("The definition of a survey as percorso keeps it: everything is carried over.")
    writes = "json"

    def fits(self, file: File) -> bool:
        if not starts_like_json(file):
            return False
        content = json_of(file)
        return isinstance(content, dict) and ("percorso" in content or _is_definition(content))

    def read(self, file: File) -> Read:
        content = json_of(file)
        if content.get("percorso", VERSION) != VERSION:
            raise BadFile(mark("“{file}” was written by a newer version. Update this one."), file=file.name)
        return Read(made({key: value for key, value in content.items() if key != "percorso"}))

    def write(self, definition: Definition) -> str:
        content = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps({"percorso": VERSION, **content}, ensure_ascii=False, indent=2)


def _is_definition(content: dict[str, object]) -> bool:
    pages = content.get("pages")
    first = pages[0] if isinstance(pages, list) and pages else None
    return isinstance(first, dict) and "questions" in first
