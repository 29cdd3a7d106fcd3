"""Any survey export as answers and mentions."""

import gzip
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from percorso.errors import UserError

PORTUGUESE = """Carimbo de data/hora;E-mail;De 0 a 10, quanto você recomendaria a loja?;Comentário;Canal;Loja
31/12/2024 23:30;ana@x.com;9;Ótimo, "muito" bom;e-mail;Centro
01/02/2025 10:00;bia@x.com;sem resposta;;chat;Centro
02/02/2025 10:00;caio@x.com;11;Não sei;chat;Norte
03/02/2025 10:00;davi@x.com;10 - muito provável;;telefone;Norte
99/02/2025 10:00;eva@x.com;8;;telefone;Norte
"""


@pytest.fixture
def portuguese(tmp_path: Path) -> Path:
    path = tmp_path / "pesquisa.csv"
    path.write_text(
        PORTUGUESE.replace('"muito"', '""muito""').replace("Ótimo, ", '"Ótimo, ').replace(" bom;", ' bom";')
    )
    return path


def test_portuguese_export_is_understood_without_a_word(importer, rows, portuguese):
    report = importer("answers", portuguese, zone="America/Sao_Paulo")
    assert report.mapping.columns == {"at": "Carimbo de data/hora", "customer": "E-mail", "channel": "Canal"}
    (score,) = report.mapping.scores
    assert (score.metric, score.low, score.high) == ("nps", 0, 10)
    assert rows("SELECT customer, score, channel, at FROM answers ORDER BY at")[0] == {
        "customer": "ana@x.com", "score": 9.0, "channel": "e-mail", "at": datetime.fromisoformat("2025-01-01T02:30"),
    }  # fmt: skip
    assert [r["score"] for r in rows("SELECT score FROM answers ORDER BY at")] == [9.0, None, 10.0]
    assert [(r.line, str(r.reason)) for r in report.rejects] == [
        (4, "De 0 a 10, quanto você recomendaria a loja?: 11 is not on the scale 0-10."),
        (6, "Carimbo de data/hora: 99/02/2025 10:00 is not a date and time that can be read."),
    ]
    assert any("--blank 11" in str(warning) for warning in report.warnings)
    assert rows("SELECT text, properties FROM mentions") == [
        {"text": 'Ótimo, "muito" bom', "properties": '{"Loja":"Centro"}'}
    ]


def test_code_that_means_blank_is_no_score(importer, rows, portuguese):
    report = importer("answers", portuguese, blank=["11"])
    assert not any("--blank" in str(warning) for warning in report.warnings)
    assert [r["score"] for r in rows("SELECT score FROM answers ORDER BY at")] == [9.0, None, None, 10.0]
    assert report.rejected == 1


def test_italian_names_and_day_first_dates(importer, rows, tmp_path):
    path = tmp_path / "sondaggio.csv"
    path.write_text(
        "ID risposta,Data risposta,Codice cliente,Voto,Commento,Canale\n"
        "1,03/04/2025,C1,4,Consegna in ritardo,negozio\n2,04/04/2025,C2,5,,web\n",
        encoding="cp1252",
    )
    report = importer("answers", path, zone="Europe/Rome")
    assert report.mapping.scores[0].metric == "csat"
    assert report.warnings == []
    assert (
        rows("SELECT id, at, customer, scale_max FROM answers ORDER BY id")[0]["at"].isoformat()
        == "2025-04-02T22:00:00"
    )
    assert rows("SELECT text, rating FROM mentions") == [{"text": "Consegna in ritardo", "rating": 4.0}]


def test_order_of_day_and_month_is_told_by_a_far_value_or_asked_for(importer, rows, tmp_path):
    lines = [f"{n},0{1 + n % 9}/05/2025,{n % 11}" for n in range(20_000)]
    path = tmp_path / "a.csv"
    path.write_text("response id,date,nps\n" + "\n".join(lines) + "\n")
    report = importer("answers", path)
    assert any("--dates month" in str(warning) for warning in report.warnings)
    assert rows("SELECT count(DISTINCT month(at)) AS n FROM answers") == [{"n": 1}]
    path.write_text("response id,date,nps\n" + "\n".join(lines) + "\n30000,05/31/2025,9\n")
    report = importer("answers", path)
    assert report.mapping.dates == "month"
    assert report.rejected == 0


def test_wide_export_gives_an_answer_for_each_score(importer, rows, tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(
        "id,date,nps,csat_delivery,csat_support,comment,why\n7,2025-03-01,9,4,2,fine,because\n8,2025-03-02,3,,5,,\n"
    )
    importer("answers", path)
    found = rows("SELECT id, question, metric, score, scale_max FROM answers ORDER BY id")
    assert [(r["id"], r["metric"], r["score"], r["scale_max"]) for r in found] == [
        ("7:csat_delivery", "csat", 4.0, 5.0), ("7:csat_support", "csat", 2.0, 5.0), ("7:nps", "nps", 9.0, 10.0),
        ("8:csat_delivery", "csat", None, 5.0), ("8:csat_support", "csat", 5.0, 5.0), ("8:nps", "nps", 3.0, 10.0),
    ]  # fmt: skip
    assert [r["text"] for r in rows("SELECT text FROM mentions ORDER BY id")] == ["fine", "because"]


def test_mapping_by_hand_overrules_what_was_suggested(importer, rows, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c,d\n1,x,2025-01-01,70\n2,y,2025-01-02,30\n")
    with pytest.raises(UserError, match=r"No column looks like a score or a comment\. .* Columns: a, b, c, d\."):
        importer("answers", path)
    importer(
        "answers", path, map={"score": "D", "customer": "b"}, scale="0-100", set={"channel": "kiosk", "survey": "S"}
    )
    assert rows("SELECT id, customer, score, scale_max, channel FROM answers ORDER BY score")[0] == {
        "id": rows("SELECT id FROM answers ORDER BY score")[0]["id"],
        "customer": "y", "score": 30.0, "scale_max": 100.0, "channel": "kiosk",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"map": {"score": "Score"}}, r"There is no column Score\. Columns: nps, date\."),
        ({"map": {"colour": "nps"}}, r"answers have no role colour\. Roles: id, at"),
        ({"scale": "5-1"}, r"scale cannot be '5-1': give two numbers, the lower first, such as 1-5"),
        ({"metric": "love"}, r"metric cannot be 'love': give one of nps, enps, csat"),
        ({"zone": "Rome"}, r"There is no time zone Rome\."),
        ({"sheets": "x"}, r"answers has no setting sheets\. Its settings: "),
        ({"set": {"at": "soon"}}, r"at cannot be soon: give a date such as 2026-03-31"),
        ({"encoding": "klingon"}, r"encoding cannot be 'klingon': give a name such as utf-8"),
    ],
)
def test_wrong_settings_say_what_fits(importer, tmp_path, config, message):
    path = tmp_path / "a.csv"
    path.write_text("nps,date\n9,2025-01-01\n")
    with pytest.raises(UserError, match=message):
        importer("answers", path, **config)


def test_same_facts_from_every_format(importer, rows, store, tmp_path):
    table = pl.DataFrame(
        {"id": ["1", "2"], "date": ["2025-01-01", "2025-01-02"], "nps": ["9", "x"], "note": ["a\nb", None]}
    )
    table.write_csv(tmp_path / "a.csv")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    table.write_parquet(tmp_path / "c.parquet")
    (tmp_path / "d.json").write_text(json.dumps(table.to_dicts()))
    table.write_ndjson(tmp_path / "e.jsonl")
    book = openpyxl.Workbook()
    for row in (table.columns, *table.rows()):
        book.active.append(list(row))
    book.save(tmp_path / "f.xlsx")
    lines = []
    for name in ("a.csv", "b.csv.gz", "c.parquet", "d.json", "e.jsonl", "f.xlsx"):
        report = importer("answers", tmp_path / name, map={"score": "nps", "comment": "note"}, metric="nps")
        lines.append([r.line for r in report.rejects])
        assert rows("SELECT id, score FROM answers") == [{"id": "1:nps", "score": 9.0}], name
        assert rows("SELECT text FROM mentions") == [{"text": "a\nb"}], name
    assert lines == [[4], [4], [2], [1], [2], [3]]


def test_records_without_id_are_told_apart_by_content(importer, rows, tmp_path):
    path, longer = tmp_path / "jan.csv", tmp_path / "jan-feb.csv"
    path.write_text("date,nps\n2025-01-01,9\n2025-01-01,9\n2025-01-02,3\n")
    longer.write_text("date,nps\n2025-01-01,9\n2025-01-01,9\n2025-01-02,3\n2025-02-01,10\n")
    assert importer("answers", path).new == 3
    again = importer("answers", path)
    assert (again.new, again.repeated) == (0, 3)
    overlapping = importer("answers", longer, path)
    assert (overlapping.new, overlapping.repeated) == (1, 6)
    assert rows("SELECT count(*) AS n FROM answers") == [{"n": 4}]


def test_file_with_other_columns_is_left_out_and_the_rest_goes_on(importer, rows, tmp_path):
    (tmp_path / "a.csv").write_text("id,date,nps\n1,2025-01-01,9\n")
    (tmp_path / "b.csv").write_text("id,day,grade\n2,2025-01-01,9\n")
    (tmp_path / "c.csv").write_text("%PDF-1.4")
    (tmp_path / "d.csv").write_text("nps;date;id\n8;2025-01-03;3\n")
    report = importer("answers", tmp_path)
    assert report.state == "failed"
    assert [str(p.message) for p in report.problems] == [
        "b.csv has no column date, nps: it was left out. Import it by itself.",
        f"{tmp_path / 'c.csv'} is a PDF document, not a table. Give a CSV, JSON, JSON Lines, Parquet or Excel file.",
    ]
    assert [r["score"] for r in rows("SELECT score FROM answers ORDER BY id")] == [9.0, 8.0]


def test_real_reviews_of_a_complaint_site(importer, rows, real):
    report = importer("answers", real("reclame-aqui-pt") / "raw" / "RECLAMEAQUI_HAPVIDA.csv.gz")
    assert rows("SELECT count(*) AS n, count(DISTINCT text) > 900 AS many FROM mentions") == [{"n": 1016, "many": True}]
    assert report.rejected == 0
