"""San Francisco airport's yearly customer survey, whatever the year's questionnaire looks like."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from pydantic import field_validator

from percorso.i18n import mark
from percorso.sources.connector import Connector, Context, Piece, stem
from percorso.sources.instants import INSTANT, Dates, check_zone
from percorso.sources.readers import Format
from percorso.sources.sieve import Sieve, columns_like

# The items in the order of their letters, as the questionnaires of 2010 to 2012 have them, and the names that columns
# of later years carry. The item shares "never used" and the means of 2010 and 2011 agree with the named ones of 2012.
RATED = {
    "artwork and exhibitions": "ART",
    "restaurants": "FOOD",
    "retail shops": "SHOPS?|STORE",
    "signs inside": "SIGNS?",
    "walkways and elevators": "WALK(WAYS?)?",
    "screens": "SCREENS",
    "information booths (arrivals)": "INFO(ARR|DOWN)",
    "information booths (departures)": "INFO(DEP|UP)",
    "signs on roadways": "ROADS?",
    "parking": "PARK",
    "AirTrain": "AIRTRAIN",
    "long-term parking shuttle": "LTPARK(ING)?",
    "rental car center": "RENTAL",
    "airport as a whole": "WHOLE|ALL",
    "wi-fi": "WIFI",
}
CLEAN = {
    "cleanliness of boarding areas": "(CLN)?BOARD(ING)?",
    "cleanliness of parking": "(CLN)?PARK",
    "cleanliness of AirTrain": "(CLN)?AIRTRAIN",
    "cleanliness of rental car center": "(CLN)?RENT(AL)?",
    "cleanliness of restaurants": "(CLN)?FOOD",
    "cleanliness of restrooms": "(CLN)?BATH|RESTROOM",
    "cleanliness of the airport": "(CLN)?(WHOLE|ALL)",
}
# Numbers of the two blocks: with letters only (2010, 2011), else with names.
LETTERED = (("Q6", "Q8"), ("Q8", "Q10"))
NAMED = (("Q7", "Q9"), ("Q8", "Q10"))
BLANK = ("0", "blank", "99")
NEVER_USED = 6
LANGUAGES = {"1": "en", "2": "es", "3": "zh", "4": "ja"}
KEPT = {
    "area": "BAREA|AREA|TERM", "airline": "AIRLINE", "destination": "DEST|DESTINATION", "destination_area": "DESTGEO",
    "time_of_day": "STRATA", "method": "METHOD", "age": r"(Q\d+_?)?AGE", "gender": r"Q\d+_?(SEX|GENDER)",
    "home": "HOME", "purpose": r"Q2PURP1|Q2_1",
}  # fmt: skip


class Settings(Format):
    """`year` of the survey when the file's name does not hold it; the airport's time zone."""

    year: int | None = None
    zone: str = "America/Los_Angeles"

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return check_zone(name)


class SfoSurvey(Connector[Settings]):
    """One record a respondent: the recommendation (2017 on, 0-10) and the rated items (1-5) become answers.

    Codes that mean blank (11 in the recommendation, 0 and the word in the items) become answers without a score; items
    that the respondent never used (6) are left out. Dates are taken where a file has whole dates (2016); other years
    give at most a day without its month, so that their answers stand at noon of the year's middle, 1 July.
    """

    label = mark("SFO airport survey")
    about = mark("San Francisco airport's customer survey of any year: recommendation, satisfaction items, weights.")
    Config = Settings

    def read(self, files: Sequence[Path], config: Settings, context: Context) -> Iterator[Piece]:
        for path in files:
            for sieve in context.sieves(path, config):
                plain = columns_like(sieve.frame.columns, ".*")
                items = questions(plain)
                if "RESPNUM" not in plain or not items:
                    context.warn(
                        mark("{file} is not used: it has no respondent numbers or no rated items."), file=path.name
                    )
                    break
                year = config.year or year_in(stem(path))
                if year is None:
                    context.warn(mark("{file} is not used: its name holds no year. Give it one, such as 2017_survey.csv."), file=path.name)  # fmt: skip
                    break
                yield self._piece(sieve, plain, items, year, config)

    def _piece(self, sieve: Sieve, plain: dict[str, str], items: dict[str, str], year: int, config: Settings) -> Piece:
        respondents = sieve.text(plain["RESPNUM"])
        sieve.reject(respondents.is_null(), mark("{column}: the record has no id."), column=plain["RESPNUM"])
        at, dated = self._dates(sieve, plain, year, config.zone)
        kept = {name: sieve.text(first(plain, pattern)) for name, pattern in KEPT.items()}
        common = {
            "customer": f"sfo-{year}-" + respondents,
            "at": at,
            "weight": sieve.numbers(plain.get("WEIGHT")),
            "language": sieve.text(plain.get("LANG")).replace_strict(LANGUAGES, default=None, return_dtype=pl.String),
            "properties": sieve.properties(
                (), year=pl.Series([str(year)]).new_from_index(0, sieve.height), dated=dated, **kept
            ),
        }
        recommend = self._scores(sieve, plain.get("NETPRO"), 0, 10, ("11", "blank"))
        rated = {question: self._scores(sieve, column, 1, 5, BLANK, NEVER_USED) for question, column in items.items()}
        answers = [self._answers(sieve, f"{year}:", respondents, "recommendation", "nps", (0, 10), recommend, common)]
        answers += [
            self._answers(sieve, f"{year}:", respondents, question, "csat", (1, 5), scores, common)
            for question, scores in rated.items()
        ]
        return Piece.of(sieve, answers=pl.concat(answers, how="vertical_relaxed"))

    def _dates(self, sieve: Sieve, plain: dict[str, str], year: int, zone: str) -> tuple[pl.Series, pl.Series]:
        column = plain.get("INTDATE")
        # Bare numbers are days without a month.
        whole = sieve.text(column).str.contains(r"\d[-/]\d")
        dated = sieve.instants(column, Dates("month", zone)) if whole.any() else sieve.nulls(INSTANT)
        middle = pl.Series([f"{year}-07-01 12:00"]).str.to_datetime(time_unit="us").dt.replace_time_zone(zone)
        at = pl.select(
            pl.coalesce(dated, middle.dt.convert_time_zone("UTC").new_from_index(0, sieve.height))
        ).to_series()
        return at, pl.select(pl.when(dated.is_null()).then(pl.lit("no")).otherwise(pl.lit("yes"))).to_series()

    def _scores(
        self, sieve: Sieve, column: str | None, low: float, high: float, blank: Sequence[str], unused: int | None = None
    ) -> tuple[pl.Series, pl.Series]:
        """Return the scores, and which records were asked."""
        values = sieve.numbers(column, blank=blank)
        never = values.is_in([] if unused is None else [float(unused)]).fill_null(False)
        sieve.reject(
            ~values.is_between(low, high) & ~never,
            mark("{column}: {value} is not on the scale {low}-{high}."),
            column=column, value=sieve.column(column), low=f"{low:g}", high=f"{high:g}",
        )  # fmt: skip
        asked = ~never if sieve.has(column) else values.is_not_null()
        return pl.select(pl.when(~never).then(values)).to_series(), asked

    def _answers(
        self, sieve: Sieve, prefix: str, respondents: pl.Series, question: str, metric: str, scale: tuple[float, float],
        scores: tuple[pl.Series, pl.Series], common: dict[str, pl.Series],
    ) -> pl.DataFrame:  # fmt: skip
        values, asked = scores
        return sieve.rows(
            asked, id=prefix + respondents + f":{question}", survey="SFO customer survey", question=question,
            metric=metric, score=values, scale_min=float(scale[0]), scale_max=float(scale[1]), polarity="higher",
            population="customer", touchpoint="airport", channel="in person", **common,
        )  # fmt: skip


def questions(plain: dict[str, str]) -> dict[str, str]:
    """Return the column of each rated item that a year's file has."""
    for rated, clean in LETTERED:
        if f"{rated}A" in plain and f"{rated}N" in plain:
            letters = "ABCDEFGHIJKLMN"
            found = {q: plain.get(rated + letter) for q, letter in zip(list(RATED)[:14], letters, strict=True)}
            found |= {q: plain.get(clean + letter) for q, letter in zip(list(CLEAN)[:6], letters, strict=False)}
            return {question: column for question, column in found.items() if column}
    for rated, clean in NAMED:
        found = {q: first(plain, rf"{rated}([A-O]_)?({names})") for q, names in RATED.items()}
        if any(found.values()):
            found |= {q: first(plain, rf"{clean}([A-O]_)?({names})") for q, names in CLEAN.items()}
            return {question: column for question, column in found.items() if column}
    return {}


def first(plain: dict[str, str], pattern: str) -> str | None:
    """Return the first column whose plain name matches."""
    return next((column for name, column in plain.items() if re.fullmatch(pattern, name)), None)


def year_in(name: str) -> int | None:
    """Return the first year from 2000 to 2099 in a name."""
    found = re.search(r"(?<!\d)20\d\d", name)
    return int(found[0]) if found else None
