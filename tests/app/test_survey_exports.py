"""Answers as files: every format read back by another program, texts that nobody expects, and who may have which."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pyreadstat
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from percorso.accounts.models import AuditEntry, Workspace
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.config import data_folder
from percorso.surveys.models import Response, Survey, Version
from percorso.surveys.question import QUESTIONS
from percorso.surveys.results import exports, files
from percorso.surveys.results.sheet import NOT_SHOWN, Field, Sheet
from tests.app.answered import EVERYTHING, answer, everything
from tests.app.respondents import invite_one

FULL: dict[str, Any] = {
    "service": 8, "best": "kind", "used": ["fast"], "grid": {"app": "good"}, "order": ["speed", "price"],
    "minutes": 12.5, "day": "2026-11-03", "agreed": {"agreed": True, "version": "0" * 16},
}  # fmt: skip
WHY = "=SUM(A1)\nпривет 😀"


@pytest.fixture
def survey(members: Workspace) -> Survey:
    made = everything(members)
    answer(made, invite_one(made), nps=3, why=WHY, **FULL)
    answer(made, nps=10, best={"option": "other", "text": "-1"}, language="it", channel="qr")
    return made


def download(client: Client, survey: Survey, form: str) -> bytes:
    sent = client.post(reverse("survey_export", args=[survey.workspace.slug, survey.slug]), {"form": form})
    assert sent.status_code == 200
    assert f'.{form}"' in sent["Content-Disposition"]
    return b"".join(sent.streaming_content)  # type: ignore[arg-type]


def test_csv_holds_ids_for_programs_and_no_formula(survey: Survey, alice: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(download(alice, survey, "csv").decode())))
    first, second = rows
    assert (first["nps"], first["best"], first["used.fast"], first["used.kind"]) == ("3", "kind", "1", "0")
    assert (first["grid.app"], first["grid.shop"]) == ("2", "")
    assert (first["order.price"], first["order.speed"], first["minutes"], first["day"]) == (
        "2",
        "1",
        "12.5",
        "2026-11-03",
    )
    assert first["why"] == "'" + WHY
    assert (first["customer"], first["invitation"].startswith("invitation-"), first["version"]) == ("c1", True, "1")
    assert datetime.fromisoformat(first["started"]).tzinfo is not None
    assert (second["why"], second["best"], second["best.other"], second["channel"]) == ("", "other", "'-1", "qr")


def test_xlsx_is_in_words_and_explains_its_columns(survey: Survey, alice: Client) -> None:
    content = download(alice, survey, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Answers"]
    heads = [cell.value for cell in sheet[1]]
    row = {head: cell.value for head, cell in zip(heads, sheet[2], strict=True)}
    assert row["Recommend?"] == 3
    assert row["What is best?"] == "'=Kind"
    assert row["When?"] == datetime(2026, 11, 3)  # noqa: DTZ001
    assert row["What do you use?: Fast"] is True
    assert not any(cell.data_type == "f" for line in sheet for cell in line)
    assert (row["Why …?"], row["Channel"], row["Language"]) == ("'" + WHY, "Link", "English")
    told = {line[0].value: line[2].value for line in book["Columns"]}
    assert "10 = Extremely likely" in told["nps"]
    assert "qr = QR code" in told["channel"]
    read = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Answers").to_python()
    assert len(read) == 3


def sav(content: bytes, tmp_path: Path, **how: Any) -> tuple[Any, Any]:
    path = tmp_path / "answers.sav"
    path.write_bytes(content)
    return pyreadstat.read_sav(str(path), **how)


def test_sav_has_labels_levels_and_missing_values(survey: Survey, alice: Client, tmp_path: Path) -> None:
    frame, meta = sav(download(alice, survey, "sav"), tmp_path, user_missing=True)
    assert list(frame["nps"]) == [3.0, 10.0]
    assert list(frame["best"]) == [2.0, 3.0]
    assert meta.variable_value_labels["best"] == {1.0: "Fast", 2.0: "=Kind", 3.0: "Other", -99.0: "No answer", -98.0: "Not shown"}  # fmt: skip
    assert list(frame["service"]) == [8.0, -99.0]
    assert meta.column_names_to_labels["nps"] == "Recommend?"
    assert meta.missing_ranges["nps"] == [{"lo": -99.0, "hi": -99.0}, {"lo": -98.0, "hi": -98.0}]
    assert (meta.variable_measure["nps"], meta.variable_measure["best"], meta.variable_measure["minutes"]) == ("ordinal", "nominal", "scale")  # fmt: skip
    assert meta.variable_value_labels["left_out"] == {0.0: "No", 1.0: "Yes"}
    assert meta.original_variable_types["nps"] == meta.original_variable_types["best"] == "F8.0"
    assert list(frame["why"]) == [WHY, ""]
    assert frame["day"][0] == date(2026, 11, 3)
    assert isinstance(frame["started"][0].to_pydatetime(), datetime)
    assert list(frame["used.fast"]) == [1.0, -99.0]
    without, _ = sav(download(alice, survey, "sav"), tmp_path)
    assert without["service"].isna().tolist() == [False, True]


def test_what_was_not_shown_is_told_apart_from_what_was_not_answered(
    survey: Survey, alice: Client, tmp_path: Path
) -> None:
    content = json.loads(json.dumps(EVERYTHING))
    content["pages"][1]["questions"].append({"id": "again", "type": "csat", "text": {"en": "And again?"}})
    survey.live = Version.objects.create(survey=survey, number=2, content=content)
    survey.save()
    answer(survey, nps=2)
    answer(survey, nps=10)
    frame, _ = sav(download(alice, survey, "sav"), tmp_path, user_missing=True)
    assert list(frame["again"]) == [-98.0, -98.0, -99.0, -98.0]
    assert list(frame["version"]) == [1.0, 1.0, 2.0, 2.0]


def test_parquet_has_types_and_labels(survey: Survey, alice: Client) -> None:
    table = pq.read_table(io.BytesIO(download(alice, survey, "parquet")))
    assert table["nps"].to_pylist() == [3.0, 10.0]
    assert table["day"].to_pylist() == [date(2026, 11, 3), None]
    assert table["why"].to_pylist() == [WHY, None]
    assert table["left_out"].to_pylist() == [False, False]
    about = table.schema.field("best").metadata
    assert about[b"label"].decode() == "What is best?"
    assert json.loads(about[b"values"])["fast"] == "Fast"


def test_labels_are_in_the_persons_language(survey: Survey, alice: Client) -> None:
    alice.post(reverse("set_language"), {"language": "it"})
    table = pq.read_table(io.BytesIO(download(alice, survey, "parquet")))
    assert json.loads(table.schema.field("best").metadata[b"values"])["fast"] == "Veloce"


def test_a_replaced_question_has_a_column_of_its_own(survey: Survey, alice: Client) -> None:
    pages = [
        {"id": "new", "questions": [{"id": "nps2", "type": "nps", "metric": "nps", "text": {"en": "Recommend now?"}}]}
    ]
    survey.live = Version.objects.create(survey=survey, number=2, content={"title": {"en": "x"}, "pages": pages})
    survey.save()
    answer(survey, nps2=9)
    rows = list(csv.DictReader(io.StringIO(download(alice, survey, "csv").decode())))
    assert [(row["nps"], row["nps2"], row["version"]) for row in rows] == [
        ("3", "", "1"),
        ("10", "", "1"),
        ("", "9", "2"),
    ]


def test_an_analyst_gets_no_identities_and_no_texts(survey: Survey, as_role: Callable[[str], Client]) -> None:
    for form in files.TYPES:
        content = download(as_role("analyst"), survey, form)
        if form == "csv":
            heads = content.decode().splitlines()[0].split(",")
            assert not {"response", "invitation", "customer", "why", "best.other"} & set(heads)
            assert {"nps", "best", "language"} <= set(heads)
        assert b"c1" not in content or form != "csv"
    assert AuditEntry.objects.filter(action="downloaded", target__contains=survey.slug).count() == len(files.TYPES)


def test_a_viewer_downloads_nothing(survey: Survey, bob: Client) -> None:
    href = reverse("survey_export", args=[survey.workspace.slug, survey.slug])
    assert (bob.get(href).status_code, bob.post(href, {"form": "csv"}).status_code) == (403, 403)


def test_an_anonymous_survey_gives_counts_only(members: Workspace, as_role: Callable[[str], Client]) -> None:
    secret, client = everything(members, anonymous=True, least_answers=3), as_role("analyst")
    for i in range(2):
        answer(secret, nps=i, why="I am Marina", **FULL)
    assert len(download(client, secret, "csv").decode().splitlines()) == 1
    for _ in range(2):
        answer(secret, nps=10, **FULL)
    rows = list(csv.DictReader(io.StringIO(download(client, secret, "csv").decode())))
    assert set(rows[0]) == {"question", "wording", "part", "answer", "n", "answered"}
    assert {row["answered"] for row in rows if row["question"] == "nps"} == {"3"}
    assert not any("Marina" in str(row) for row in rows)
    for form in ("xlsx", "sav", "parquet"):
        assert download(client, secret, form)


def test_a_large_export_is_made_by_a_job(survey: Survey, alice: Client, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    page = reverse("survey_export", args=[survey.workspace.slug, survey.slug])
    assert alice.post(page, {"form": "csv"}).status_code == 302
    row = Job.objects.get(name=exports.JOB)
    href = reverse("survey_export_file", args=[survey.workspace.slug, survey.slug, row.pk])
    assert alice.get(href).status_code == 404
    run_all()
    assert b"nps" in b"".join(alice.get(href).streaming_content)  # type: ignore[arg-type]
    # It was made for somebody who sees personal data: nobody else has it.
    assert as_role("analyst").get(href).status_code == 404
    assert href not in as_role("analyst").get(page).content.decode()
    kept = data_folder() / "exports" / Job.objects.get(pk=row.pk).result["file"]  # type: ignore[index]
    kept.touch()
    assert exports.forget_old() == 0
    import os

    os.utime(kept, (0, 0))
    assert exports.forget_old() == 1
    assert alice.get(href).status_code == 404


def test_a_file_of_another_survey_is_not_given(survey: Survey, members: Workspace, alice: Client) -> None:
    other = everything(members)
    row = Job.objects.create(name=exports.JOB, workspace="acme", arguments={"survey": survey.pk, "form": "csv"}, state="done", result={"file": "x"}, run_at=survey.created_at)  # fmt: skip
    assert alice.get(reverse("survey_export_file", args=["acme", other.slug, row.pk])).status_code == 404


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=80) | st.sampled_from(
    [
        "😀" * 10_000,
        "é" * 10_000,
        "\x01\x02\x1f\x7f\x0b",
        "_x0041_",
        "\r\n\t",
        "'",
        '"',
        "\ufeff",
        "\u202eabc",
        "=1+1",
        "﷐",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_texts_of_all_kinds_come_back(texts: list[str], tmp_path: Path) -> None:
    fields = [Field("why", "Why?", "text", {}, "why"), Field("n", "N", "number", {}, "n", True)]
    sheet = Sheet("Fuzz", fields, lambda: iter([[text, 1.0] for text in texts]), len(texts))
    for form in files.TYPES:
        files.write(sheet, form, tmp_path / f"x.{form}", "UTC", lambda _: None)
    assert pq.read_table(tmp_path / "x.parquet")["why"].to_pylist() == texts
    with open(tmp_path / "x.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[1:]
    assert [line[0].removeprefix("'") for line in lines] == [text.removeprefix("'") for text in texts]
    frame, _ = pyreadstat.read_sav(str(tmp_path / "x.sav"))
    cut = [text.encode()[: files.LONGEST_TEXT].decode("utf-8", "ignore") for text in texts]
    assert [text.rstrip(" ") for text in frame["why"]] == [text.rstrip(" ") for text in cut]
    sheet_back = openpyxl.load_workbook(tmp_path / "x.xlsx")["Answers"]
    assert sheet_back.max_row == len(texts) + 1


def test_names_of_columns_are_such_that_spss_takes_them() -> None:
    names = files.spss_names(iter(["a-b", "A_B", "1st", "to", "ü", "x" * 100, "x" * 101, "q.", ""]))
    assert names[:4] == ["a_b", "A_B_2", "v_1st", "v_to"]
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name.encode()) <= 64 for name in names)


def test_empty_surveys_give_files_with_headings(members: Workspace, alice: Client, tmp_path: Path) -> None:
    empty = everything(members)
    assert Response.objects.filter(survey=empty).count() == 0
    for form in files.TYPES:
        assert download(alice, empty, form)
    assert NOT_SHOWN is not None


def test_marks_are_told_in_words_where_people_read(survey: Survey, alice: Client) -> None:
    Response.objects.filter(survey=survey, answers__nps=3).update(marks=["fast", "bot"])
    sheet = openpyxl.load_workbook(io.BytesIO(download(alice, survey, "xlsx")))["Answers"]
    told = [line[[cell.value for cell in sheet[1]].index("Why it looks suspicious")].value for line in sheet]
    assert told[1] == "Answered faster than anybody reads; Filled in by a program"
    row = next(csv.DictReader(io.StringIO(download(alice, survey, "csv").decode())))
    assert row["marks"] == "fast bot"


def long(word: str) -> str:
    return f"{word} – responsabilidade socioambiental, atendimento e pós-venda " * 6


OPTIONS = [{"id": key, "text": {"pt-BR": long(key)}} for key in ("a", "b")]
SETTINGS: dict[str, dict[str, Any]] = {
    "choice": {"options": OPTIONS, "other": True},
    "choices": {"options": OPTIONS, "other": True},
    "ranking": {"items": OPTIONS},
    "matrix": {"rows": OPTIONS, "columns": [{"id": "c", "text": {"pt-BR": "Não"}}, {"id": "d", "text": {"pt-BR": "Sim"}}]},
}  # fmt: skip
GIVEN: dict[str, Any] = {
    "nps": 9, "csat": 4, "ces": 6, "stars": 5, "emoji": 2, "choice": {"option": "other", "text": "=1+1"}, "choices": ["a"],
    "matrix": {"a": "d"}, "ranking": ["b", "a"], "text": "@cmd", "number": 2.5, "date": "2026-11-03",
    "consent": {"agreed": True, "version": "0" * 16}, "file": {"name": "+foto.png", "upload": "x"},
}  # fmt: skip


def test_every_type_of_question_comes_back_from_every_format(members: Workspace, alice: Client, tmp_path: Path) -> None:
    """A survey in Portuguese with wordings longer than SPSS takes."""
    questions = [
        {"id": key, "type": key, "text": {"pt-BR": long("Pergunta")}, "settings": SETTINGS.get(key, {})}
        for key in QUESTIONS
    ]
    content = {"language": "pt-BR", "languages": ["pt-BR"], "pages": [{"id": "all", "questions": questions}]}
    made = everything(members, content)
    answer(made)
    assert set(GIVEN) == {key for key, kind in QUESTIONS.items() if kind.answerable}
    Response.objects.filter(survey=made).update(answers=GIVEN)
    alice.post(reverse("set_language"), {"language": "pt-br"})

    with translation.override("en"):
        read_back(alice, made, tmp_path)


def read_back(alice: Client, made: Survey, tmp_path: Path) -> None:
    frame, meta = sav(download(alice, made, "sav"), tmp_path, user_missing=True)
    told = frame.iloc[0].to_dict()
    assert {key: told[key] for key in ("nps", "csat", "ces", "stars", "emoji", "number", "choice", "consent")} == {
        "nps": 9, "csat": 4, "ces": 6, "stars": 5, "emoji": 2, "number": 2.5, "choice": 3, "consent": 1,
    }  # fmt: skip
    assert (told["choices.a"], told["choices.b"], told["ranking.b"], told["ranking.a"]) == (1, 0, 1, 2)
    assert (told["matrix.a"], told["matrix.b"]) == (2, -99)
    assert (told["text"], told["choice.other"], told["file"], told["date"]) == ("@cmd", "=1+1", "+foto.png", date(2026, 11, 3))  # fmt: skip
    assert meta.column_names_to_labels["nps"].startswith("Pergunta – responsabilidade")
    assert meta.variable_value_labels["choice"][1.0].startswith("a – responsabilidade")
    assert len(meta.variable_value_labels["choice"][1.0].encode()) <= files.LONGEST_VALUE_LABEL
    assert meta.variable_value_labels["matrix.a"][1.0] == "Não"

    book = openpyxl.load_workbook(io.BytesIO(download(alice, made, "xlsx")))
    assert not any(cell.data_type == "f" for sheet in book for line in sheet for cell in line)
    row = next(csv.DictReader(io.StringIO(download(alice, made, "csv").decode())))
    assert (row["text"], row["choice.other"], row["file"], row["choice"]) == ("'@cmd", "'=1+1", "'+foto.png", "other")
    path = tmp_path / "all.parquet"
    path.write_bytes(download(alice, made, "parquet"))
    read = duckdb.sql(
        f'SELECT nps, "choices.a", "matrix.a", date, text, choice, "ranking.a" FROM \'{path}\''
    ).fetchall()
    assert read == [(9.0, True, "d", date(2026, 11, 3), "@cmd", "other", 2.0)]
