import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from percorso.i18n import mark
from percorso.surveys.question import NOT_OFFERED, Column, Given, QuestionType, Refused, Settings, Tell, cleaned
from percorso.surveys.questions._parts import Option, Piece, as_map, different, found, labels, scale_of

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

MOST_ROWS, MOST_COLUMNS = 50, 20
# Labels of so many letters fit beside each other on any screen.
SHORT = 3


class Row(Piece):
    """One item, answered by one of the columns. In the facts its id is the question's."""

    aspect: str = Field("", max_length=80, description="The part of the experience that the row is about.")
    pillar: str = Field("", max_length=80, description="The pillar of a framework that the row is tagged with.")


class MatrixSettings(Settings):
    """Rows and columns."""

    rows: list[Row] = Field(
        default_factory=list, max_length=MOST_ROWS, description="What is asked about; ids never change."
    )
    columns: list[Option] = Field(
        default_factory=list,
        max_length=MOST_COLUMNS,
        description="What can be chosen in each row. Without scores, columns of a question with a metric count 1, 2, 3 …",
    )

    @model_validator(mode="after")
    def _ids_differ(self) -> "MatrixSettings":
        different(self.rows)
        different(self.columns)
        return self


class MatrixQuestion(QuestionType):
    """The answer is an object: row to column. The field of a row is called ``<name>.<row>``."""

    label = mark("Matrix")
    about = mark("Several things rated by the same scale. Each row may measure another part of the experience.")
    icon = "table"
    Config = MatrixSettings
    metrics = (
        "", "csat", "sps", "nps", "see", "six_pillars", "experience", "sus", "servqual_expected", "servqual_perceived",
    )  # fmt: skip

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        chosen, config = as_map(value), question.config
        columns = [{"value": column.id, "label": column.named(tell)} for column in config.columns]
        rows = [
            {
                "id": row.id,
                "label": row.named(tell),
                "answered": row.id in chosen,
                "choices": [column | {"chosen": chosen.get(row.id) == column["value"]} for column in columns],
            }
            for row in config.rows
        ]
        return {
            "value": value,
            "columns": columns,
            "rows": rows,
            # With the column of the way back, which questions that must be answered do not have.
            "wide": len(columns) + (not question.required),
            "labels": _lengths([column["label"] for column in columns]),
        }

    def read(self, question: "Question", given: Given, name: str) -> Any:
        config = question.config
        sent = {row.id: cleaned(given.get(f"{name}.{row.id}", "")) for row in config.rows}
        answer = {key: text for key, text in sent.items() if text}
        if not set(answer.values()) <= {column.id for column in config.columns}:
            raise Refused(NOT_OFFERED)
        if question.required and answer and len(answer) < len(sent):
            missing = len(sent) - len(answer)
            raise Refused(mark("Please answer every row. Rows without an answer: {n}."), n=missing)
        return answer or None

    def again(self, question: "Question", given: Given, name: str) -> Any:
        sent = {row.id: cleaned(given.get(f"{name}.{row.id}", "")) for row in question.config.rows}
        columns = {column.id for column in question.config.columns}
        return {key: text for key, text in sent.items() if text in columns} or None

    def parse(self, question: "Question", text: str) -> Any:
        config = question.config
        answer: dict[str, str] = {}
        for piece in filter(str.strip, re.split(r"[;\n]", text)):
            # A row's label may have a colon of its own.
            cuts = [(piece[: m.start()], piece[m.end() :]) for m in re.finditer(":", piece)]
            pairs = [(found(config.rows, row), found(config.columns, column)) for row, column in cuts]
            known = [(row, column) for row, column in pairs if row and column]
            if not known:
                raise Refused(NOT_OFFERED)
            answer |= dict(known[:1])
        return answer

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        scores = _scores(question)
        given = {key: score for key, score in scores.items() if score is not None}
        scale = {"scale_min": min(given.values()), "scale_max": max(given.values())} if len(given) > 1 else None
        made = []
        for row in question.config.rows:
            column = as_map(value).get(row.id)
            if column is None:
                continue
            fact: dict[str, Any] = {"question": row.id, "part": row.id, "option": str(column)}
            if row.pillar or row.aspect:
                fact["aspect"] = row.pillar or row.aspect
            if scale and column in given:
                fact |= {"score": given[column], **scale, "polarity": "higher"}
            made.append(fact)
        return made

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        rows, columns = labels(question.config.rows, tell), labels(question.config.columns, tell)
        return "; ".join(f"{rows.get(row, row)}: {columns.get(c, c)}" for row, c in as_map(value).items())

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        text, options = tell(question.text), question.config.columns
        names, scores = labels(options, tell), _scores(question)
        numeric = bool(scores) and None not in scores.values()
        told = {scores[o.id] or 0.0: names[o.id] for o in options} if numeric else names
        return [
            Column(f"{question.id}.{row.id}", f"{text}: {row.named(tell)}", "number" if numeric else "text", told)
            for row in question.config.rows
        ]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        scores, chosen = _scores(question), as_map(value)
        numeric = bool(scores) and None not in scores.values()
        given = [chosen.get(row.id) for row in question.config.rows]
        return [scores.get(str(column)) for column in given] if numeric else given

    def fixed(self, question: "Question") -> Any:
        return [question.type, *(scale_of(question.config.columns) or ())]

    def kept(self, question: "Question") -> Mapping[str, Any]:
        rows = {f"row {row.id}": (row.aspect, row.pillar) for row in question.config.rows}
        return rows | {f"column {key}": score for key, score in _scores(question).items()}

    def unfinished(self, question: "Question") -> str:
        config = question.config
        return mark("Add rows, and at least two columns.") if not config.rows or len(config.columns) < 2 else ""


def _lengths(labels: Sequence[str]) -> str:
    """Return whether labels are all ``short`` (figures), short but for the ends (``ends-only``), or ``long``."""
    short = [len(label) <= SHORT for label in labels]
    if all(short):
        return "short"
    return "ends-only" if len(labels) > 2 and all(short[1:-1]) else "long"


def _scores(question: "Question") -> dict[str, float | None]:
    """Return what columns count, by id: their own scores; their places where a metric is measured and none has any."""
    columns: list[Option] = question.config.columns
    if question.metric and all(column.score is None for column in columns):
        return {column.id: float(place) for place, column in enumerate(columns, 1)}
    return {column.id: column.score for column in columns}
