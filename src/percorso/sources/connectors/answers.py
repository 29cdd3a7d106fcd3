"""Any survey export: scores become answers, free texts become mentions."""

import polars as pl

from percorso.i18n import mark
from percorso.sources.ids import short
from percorso.sources.mapped import MappedConnector, Record
from percorso.sources.mapping import Score


class Answers(MappedConnector):
    """One record a response; each of its score columns gives one answer."""

    label = mark("Survey answers")
    about = mark("Any survey export. percorso suggests what each column is; correct it with --map, --set and --scale.")
    table = "answers"

    def facts(self, record: Record) -> dict[str, pl.DataFrame]:
        survey = record.text("survey")
        # The survey is part of the id: two surveys may number their responses alike.
        prefix = pl.select(pl.concat_str(pl.coalesce(survey + ":", pl.lit("")), record.ids)).to_series()
        scores = [(score, record.score(score)) for score in record.mapping.scores]
        weight = record.number("weight")
        common = {
            "at": record.time(),
            "properties": record.properties(),
            "weight": weight,
            "survey": survey,
        } | {role: record.text(role) for role in ("customer", "channel", "touchpoint", "language", "interaction")}
        own = {role: record.text(role) for role in ("invitation", "population", "team", "agent")}
        tables = {"mentions": self._mentions(record, prefix, common, scores)}
        answers = [
            record.sieve.rows(
                id=prefix + f":{short(score.column)}",
                question=score.question or score.column,
                metric=score.metric,
                aspect=score.aspect,
                score=values,
                scale_min=float(score.low),
                scale_max=float(score.high),
                polarity=score.polarity,
                **common,
                **own,
            )
            for score, values in scores
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
            if k in ("at", "customer", "channel", "touchpoint", "language", "properties")
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
