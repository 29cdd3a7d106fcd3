from percorso.i18n import mark
from percorso.surveys.exchange._limesurvey import Reader
from percorso.surveys.exchange._limesurvey_answers import read_responses
from percorso.surveys.exchange.format import NO_ANSWERS, BadFile, File, Format, Read
from percorso.surveys.exchange.reading import archive_of, xml_of

ZIP = b"PK\x03\x04"


class LimeSurveyFormat(Format):
    label = mark("LimeSurvey")
    about = mark("A questionnaire as .lss, its answers as .lsr, or both in an archive as .lsa.")

    def fits(self, file: File) -> bool:
        return file.content.startswith(ZIP) or b"<LimeSurveyDocType" in file.content[:2000]

    def read(self, file: File) -> Read:
        return self.guess(file, {}, "UTC")

    def guess(self, file: File, kinds: object, zone: str) -> Read:
        several = archive_of(file) if file.content.startswith(ZIP) else [file]
        surveys = [one for one in several if one is file or one.name.endswith(".lss")]
        if len(surveys) != 1:
            raise BadFile(mark("“{file}” holds no questionnaire (.lss). Export the survey as an archive again."), file=file.name)  # fmt: skip
        root = xml_of(surveys[0])
        read = Reader(root).read()
        for one in several:
            if one.name.endswith(".lsr"):
                read_responses(read, xml_of(one), zone, root)
        return read

    def answers(self, read: Read, file: File, zone: str) -> None:
        if b"<LimeSurveyDocType" not in file.content[:2000]:
            raise BadFile(NO_ANSWERS, file=file.name)
        read_responses(read, xml_of(file), zone)
