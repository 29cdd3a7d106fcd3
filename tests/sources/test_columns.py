"""What columns are, told from names in three languages and from values."""

import polars as pl
import pytest

from percorso.sources.columns import suggest


def roles(table: str = "answers", **columns: list[str]) -> dict[str, str | None]:
    found = suggest(pl.DataFrame({name.replace("_", " "): values for name, values in columns.items()}), table)
    return {s.column: s.role for s in found.columns}


DAYS = ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"]
MARKS = ["9", "10", "3", "7"]
TEXTS = ["good", "bad", "so so", "never again"]
IDS = ["a1", "b2", "c3", "d4"]


@pytest.mark.parametrize(
    ("headers", "metric"),
    [
        (("Response ID", "Submitted At", "Email", "How likely are you to recommend us?", "Comments"), "nps"),
        (("responseId", "endDate", "customerId", "npsScore", "verbatim"), "nps"),
        (("RESPONSE_ID", "RECORDED_DATE", "CUSTOMER_ID", "NET_PROMOTER_SCORE", "FEEDBACK"), "nps"),
        (("ID da resposta", "Respondido em", "Código do cliente", "Você recomendaria a loja?", "Comentário"), "nps"),
        (("id_resposta", "data_resposta", "id_cliente", "satisfação", "observações"), "csat"),
        (
            ("ID risposta", "Data e ora", "Codice cliente", "Quanto è probabile che ci consiglieresti?", "Commento"),
            "nps",
        ),
        (("idRisposta", "dataRisposta", "idCliente", "soddisfazione", "suggerimenti"), "csat"),
        (("id", "created", "requester", "customer effort score", "why"), "ces"),
    ],
)
def test_names_in_three_languages(headers, metric):
    frame = pl.DataFrame(dict(zip(headers, (IDS, DAYS, ["x", "y", "x", "z"], MARKS, TEXTS), strict=True)))
    found = suggest(frame, "answers")
    assert [s.role for s in found.columns] == ["id", "at", "customer", "score", "comment"]
    assert found.mapping.scores[0].metric == metric
    assert all(s.confidence >= 0.55 for s in found.columns)


def test_ticket_columns_in_portuguese_and_italian():
    assert roles("tickets", Protocolo=IDS, Aberto_em=DAYS, Resolvido_em=DAYS, Assunto=TEXTS, Prioridade=["a"] * 4, Equipe=["b"] * 4) == {
        "Protocolo": "id", "Aberto em": "opened_at", "Resolvido em": "resolved_at", "Assunto": "topic",
        "Prioridade": "priority", "Equipe": "team",
    }  # fmt: skip
    assert roles("tickets", Numero_ticket=IDS, Data_apertura=DAYS, Chiuso_il=DAYS, Stato=["x"] * 4, Operatore=["r"] * 4) == {
        "Numero ticket": "id", "Data apertura": "opened_at", "Chiuso il": "closed_at", "Stato": "status", "Operatore": "agent",
    }  # fmt: skip


def test_values_overrule_names_that_do_not_fit():
    assert roles(date=TEXTS, score=TEXTS, id=["1", "1", "2", "2"]) == {"date": None, "score": None, "id": None}


def test_first_response_time_is_a_time_or_a_length_of_time():
    assert roles("tickets", id=IDS, created=DAYS, First_response_time=DAYS)["First response time"] == "first_reply_at"
    assert roles("tickets", id=IDS, created=DAYS, First_response_time=["5", "70", "8", ""])["First response time"] == (
        "first_reply_after"
    )
    assert roles("tickets", id=IDS, created=DAYS, First_response_time=["0:05", "1:10", "0:08:10", "?"])[
        "First response time"
    ] == ("first_reply_after")


def test_values_alone_tell_when_one_column_fits():
    found = suggest(
        pl.DataFrame({
            "a": DAYS, "b": MARKS, "c": ["x@y.com", "z@y.com", "x@y.com", "w@y.it"],
            "d": [f"{text}, and then some more words to say why" for text in TEXTS], "e": ["2020-05-05x"] * 4,
        }),
        "answers",
    )  # fmt: skip
    assert [(s.role, s.confidence) for s in found.columns] == [
        ("at", 0.4), ("score", 0.4), ("customer", 0.4), ("comment", 0.4), (None, 0.0),
    ]  # fmt: skip
    assert "--map at=COLUMN" in str(found.warnings[0])
    two = suggest(pl.DataFrame({"a": DAYS, "b": DAYS, "date of birth": DAYS}), "answers")
    assert "at" not in two.mapping.columns
    birth = suggest(pl.DataFrame({"date of birth": DAYS}), "answers")
    assert "at" not in birth.mapping.columns


@pytest.mark.parametrize(
    ("header", "values", "metric", "scale", "polarity"),
    [
        ("nps", ["0", "10", "7"], "nps", (0, 10), "higher"),
        ("rating", ["1", "5", "3"], "csat", (1, 5), "higher"),
        ("rating", ["1", "7", "3"], "csat", (1, 7), "higher"),
        ("nota", ["1", "10", "3"], "csat", (1, 10), "higher"),
        ("nota", ["0", "10", "3"], "csat", (0, 10), "higher"),
        ("voto (da 1 a 10)", ["4", "5", "3"], "csat", (1, 10), "higher"),
        ("effort", ["1", "7", "3"], "ces", (1, 7), "higher"),
        ("esforço", ["1", "5", "3"], "ces", (1, 5), "lower"),
        ("recomendaria?", ["9/10", "10/10", "sem resposta"], "nps", (0, 10), "higher"),
    ],
)
def test_scale_is_told_by_name_and_values(header, values, metric, scale, polarity):
    (score,) = suggest(pl.DataFrame({header: values}), "answers").mapping.scores
    assert (score.metric, (score.low, score.high), score.polarity) == (metric, scale, polarity)


def test_code_off_the_scale_is_told():
    found = suggest(pl.DataFrame({"nps": ["9", "10", "3", "11", "99"]}), "answers")
    assert [str(w) for w in found.warnings] == [
        "nps holds 11, 99, which is not on the scale 0-10. If it means no answer, say so: --blank 11. "
        "If the scale is another, give --scale."
    ]
    assert (found.mapping.scores[0].low, found.mapping.scores[0].high) == (0, 10)


def test_id_that_is_not_unique_is_told():
    found = suggest(pl.DataFrame({"id": [*map(str, range(40)), "0"], "nps": ["5"] * 41}), "answers")
    assert found.mapping.columns == {"id": "id"}
    assert "come more than once" in str(found.warnings[0])
