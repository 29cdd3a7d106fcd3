"""Any survey export: scores become answers, free texts become mentions."""

from collections.abc import Mapping

import polars as pl

from percorso.i18n import mark
from percorso.sources.ids import short
from percorso.sources.mapped import MappedConnector, Record
from percorso.sources.mapping import Score
from percorso.sources.metrics import METRICS, aspect_of, needs_scale, scale_of_metric

SHARED = ("customer", "identity", "channel", "touchpoint", "language", "interaction")


class Told:
    """What is told of one score column: by the records themselves, else by the mapping, else by what is usual."""

    def __init__(self, record: Record, score: Score) -> None:
        self.record, self.score = record, score
        self.by_row = "metric" in record.mapping.columns
        self.metric = self._or(record.text("metric").str.to_lowercase(), score.metric or None)
        self.low, self.high = self._bound("scale_min", 0, score.low), self._bound("scale_max", 1, score.high)

    def _or(self, told: pl.Series, value: object) -> pl.Series:
        return pl.select(pl.coalesce(told, pl.lit(value, told.dtype))).to_series()

    def _by_metric(self, values: Mapping[str, object], kind: type[pl.DataType]) -> pl.Series:
        return self.metric.replace_strict(values, default=None, return_dtype=kind)

    def _bound(self, role: str, place: int, given: float | None) -> pl.Series:
        usual = {metric: scale_of_metric(metric)[place] for metric in METRICS}
        if self.score.metric:
            usual[self.score.metric] = None if given is None else float(given)
        return pl.select(pl.coalesce(self.record.number(role), self._by_metric(usual, pl.Float64))).to_series()

    def values(self) -> pl.Series:
        """The scores; records off their scale, or without the scale that they need, are set aside."""
        column = self.record.mapping.columns.get("metric")
        self.record.sieve.reject(self.metric.is_null(), mark("{column}: the record does not say what its score measures."), column=column)  # fmt: skip
        self.record.sieve.reject(
            self.metric.is_in([metric for metric in METRICS if needs_scale(metric)]) & self.high.is_null(),
            mark("{column}: nothing says the highest possible score of {metric}. Give it in scale_max."),
            column=self.score.column, metric=self.metric,
        )  # fmt: skip
        return self.record.score(self.score, self.low, self.high)

    def ids(self, prefix: pl.Series) -> pl.Series:
        """The answers' ids: of a file with one row an answer the records' own."""
        return prefix if self.by_row else prefix + f":{short(self.score.column)}"

    def columns(self, response: pl.Series) -> dict[str, pl.Series]:
        """The columns of an answer that say what was asked, in which response, of whom and on which scale."""
        record, score = self.record, self.score
        question = score.question or (None if self.by_row else score.column)
        whose = {name: metric.population for name, metric in METRICS.items()}
        populations = pl.coalesce(record.text("population"), self._by_metric(whose, pl.String))
        invitation = record.text("invitation")
        whole = not self.by_row and score.metric in METRICS and METRICS[score.metric].items
        return {
            # The items of a questionnaire belong together even where nobody said who answered.
            "invitation": pl.select(pl.coalesce(invitation, response)).to_series() if whole else invitation,
            "metric": self.metric,
            "question": self._or(record.text("question"), question),
            "aspect": self._or(record.text("aspect"), score.aspect or aspect_of(score.metric, score.column)),
            "population": pl.select(populations).to_series(),
            "scale_min": self.low,
            "scale_max": self.high,
            "polarity": self._or(record.text("polarity").str.to_lowercase(), score.polarity),
        }


class Answers(MappedConnector):
    """One record a response, whose score columns give one answer each; or one record an answer, which says what it is."""

    label = mark("Survey answers")
    about = mark("Any survey export. percorso suggests what each column is; correct it with --map, --set and --scale.")
    table = "answers"

    def facts(self, record: Record) -> dict[str, pl.DataFrame]:
        survey = record.text("survey")
        # The survey is part of the id: two surveys may number their responses alike.
        prefix = pl.select(pl.concat_str(pl.coalesce(survey + ":", pl.lit("")), record.ids)).to_series()
        told = [Told(record, score) for score in record.mapping.scores]
        scores = [(each.score, each.values()) for each in told]
        common = {
            "at": record.time(),
            "properties": record.properties(),
            "weight": record.number("weight"),
            "survey": survey,
        } | {role: record.text(role) for role in SHARED}
        own = {role: record.text(role) for role in ("team", "agent", "option")}
        tables = {"mentions": self._mentions(record, prefix, common, scores)}
        answers = [
            record.sieve.rows(id=each.ids(prefix), score=values, **each.columns(prefix), **common, **own)
            for each, (_, values) in zip(told, scores, strict=True)
        ]
        if answers:
            tables["answers"] = pl.concat(answers, how="vertical_relaxed")
        return tables

    def _mentions(
        self, record: Record, prefix: pl.Series, common: dict[str, pl.Series], scores: list[tuple[Score, pl.Series]]
    ) -> pl.DataFrame:
        """One mention for each text; a single score from 1 to 5 is its rating."""
        shared = {
            k: v
            for k, v in common.items()
            if k in ("at", "customer", "identity", "channel", "touchpoint", "language", "properties")
        }
        stars = len(scores) == 1 and (scores[0][0].metric, scores[0][0].low, scores[0][0].high) == ("csat", 1, 5)
        rating = scores[0][1] if stars else record.sieve.nulls(pl.Float64)
        found = []
        for column in record.mapping.comments:
            words = record.sieve.text(column)
            found.append(
                record.sieve.rows(
                    words.is_not_null(),
                    id=prefix + f":{short(column)}",
                    source="survey",
                    text=words,
                    rating=rating,
                    **shared,
                )
            )
        return pl.concat(found, how="vertical_relaxed") if found else pl.DataFrame()
