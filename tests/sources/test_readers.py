"""Files of any format as records with the line where each stands."""

import csv
import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.sources.readers import BadFile, Format, open_file
from percorso.sources.readers.csv import CsvReader


def read(path: Path, **given_format: str) -> tuple[list[dict[str, object]], list[int], list[tuple[int, str]]]:
    """All of a file: records, their lines, and (line, reason) of those rejected."""
    records: list[dict[str, object]] = []
    lines: list[int] = []
    rejected: list[tuple[int, str]] = []
    for chunk in open_file(path, Format(**given_format)).chunks():
        records += chunk.frame.to_dicts()
        lines += chunk.lines.tolist()
        rejected += [(r.line, str(r.reason)) for r in chunk.rejected]
    return records, lines, rejected


def put(folder: Path, content: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_finds_the_delimiter(tmp_path, delimiter):
    path = put(tmp_path, f"id{delimiter}nota\n1{delimiter}9,5\n2{delimiter}\n".replace("9,5", "95"))
    records, lines, _ = read(path)
    assert records == [{"id": "1", "nota": "95"}, {"id": "2", "nota": None}]
    assert lines == [2, 3]


def test_csv_with_semicolons_keeps_decimal_commas(tmp_path):
    records, _, _ = read(put(tmp_path, "id;nota\n1;9,5\n2;8,0\n3;7,25\n"))
    assert [r["nota"] for r in records] == ["9,5", "8,0", "7,25"]


def test_csv_line_is_where_the_record_starts(tmp_path):
    path = put(tmp_path, 'id,text\n1,"two\nlines ""here"""\n\n2,plain\r\n3,"a\n\nb"\n4,end')
    records, lines, rejected = read(path)
    assert [r["text"] for r in records] == ['two\nlines "here"', "plain", "a\n\nb", "end"]
    assert lines == [2, 5, 6, 9]
    assert rejected == []


def test_csv_sets_ragged_records_aside_and_goes_on(tmp_path):
    path = put(tmp_path, "id,score,text\n1,9,fine\n2,8\n3,7,too,many\n4,6,surplus empty,,\n5,5,last\n")
    records, lines, rejected = read(path)
    assert [r["id"] for r in records] == ["1", "4", "5"]
    assert lines == [2, 5, 6]
    assert rejected == [
        (3, "2 fields where the header has 3. Is a delimiter or a quote missing or too many?"),
        (4, "4 fields where the header has 3. Is a delimiter or a quote missing or too many?"),
    ]


def test_csv_survives_stray_quotes(tmp_path):
    path = put(tmp_path, 'id,text\n1,5" screen\n2,"opened, never closed\n3,ok\n4,"fine"\n5,"fine, too"\n')
    records, _, rejected = read(path)
    assert records[0] == {"id": "1", "text": '5" screen'}
    assert records[-1] == {"id": "5", "text": "fine, too"}
    assert len(records) + len(rejected) == 3


def test_csv_reads_backslash_escapes(tmp_path):
    records, _, _ = read(put(tmp_path, 'id,text\n1,"say \\"yes\\" now"\n2,plain\n'))
    assert records[0]["text"] == 'say "yes" now'


def test_csv_reads_excels_sep_line_and_old_mac_line_ends(tmp_path):
    assert read(put(tmp_path, "sep=|\nid|a,b\n1|x,y\n"))[0] == [{"id": "1", "a,b": "x,y"}]
    assert read(put(tmp_path, "sep=|\nid|a,b\n1|x,y\n"))[1] == [3]
    assert read(put(tmp_path, "id,a\r1,x\r2,y\r"))[0] == [{"id": "1", "a": "x"}, {"id": "2", "a": "y"}]


def test_csv_leaves_out_empty_records_and_names_every_column(tmp_path):
    records, lines, rejected = read(put(tmp_path, "\nid,,id, a \n1,2,3,4\n,,,\n5,6,7,8\n"))
    assert list(records[0]) == ["id", "column 2", "id.2", "a"]
    assert lines == [3, 5]
    assert rejected == []


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "mac_roman", "cp850")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_csv_reads_encodings_without_being_told(tmp_path, encoding):
    text = "Não gostei da entrega: atrasou três dias. È già la terza volta; però l'assistenza è gentile."
    path = put(tmp_path, f"id,comentário\n1,{text}\n2,{text} Ótimo!\n".encode(encoding))
    reader = open_file(path)
    assert [c.frame["comentário"].to_list() for c in reader.chunks()] == [[text, f"{text} Ótimo!"]]


def test_csv_decides_the_encoding_at_the_first_character_beyond_ascii(tmp_path, monkeypatch):
    monkeypatch.setattr(CsvReader, "block", 1000)
    rows = "".join(f"{i},plain text\n" for i in range(500))
    records, lines, rejected = read(put(tmp_path, f"id,text\n{rows}500,não é só\n".encode("cp1252")))
    assert records[-1] == {"id": "500", "text": "não é só"}
    assert lines == list(range(2, 503))
    assert rejected == []


def test_csv_rejects_records_whose_bytes_are_no_text(tmp_path):
    good = "".join(f"{i},coração\n" for i in range(50)).encode()
    records, _, rejected = read(put(tmp_path, b"id,text\n" + good + b"50,cora\xe7\xe3o\n51,fim\n"))
    assert len(records) == 51
    assert rejected == [(52, "it holds bytes that are not utf-8. Name the file's encoding, or export it as UTF-8.")]


def test_csv_takes_the_encoding_and_delimiter_that_are_given(tmp_path):
    path = put(tmp_path, "id:text\n1:prix en \u20ac, \u0161\n".encode("iso-8859-15"))
    assert read(path, encoding="iso-8859-15", delimiter=":")[0] == [{"id": "1", "text": "prix en \u20ac, \u0161"}]


FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=30),
    block=st.sampled_from([16, 64, 1 << 20]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_csv_gives_back_what_was_written(tmp_path_factory, rows, block, quoting, end):
    rows = [tuple(f.replace("\r", "\n") for f in row) for row in rows]
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator=end, quoting=quoting).writerows([("a", "b", "c"), *rows])
    with path.open("r", newline="", encoding="utf-8") as text:
        parser = csv.reader(text)
        starts = []
        while True:
            line = parser.line_num + 1
            if (row := next(parser, None)) is None:
                break
            starts.append((line, row))
    reader = CsvReader(path, Format(delimiter=",", encoding="utf-8"))
    reader.block = block
    chunks = list(reader.chunks())
    expected = [(line, tuple(f or None for f in row)) for line, row in starts[1:] if any(row)]
    got = [(n, row) for c in chunks for n, row in zip(c.lines.tolist(), c.frame.rows(), strict=True)]
    assert got == expected
    assert not any(c.rejected for c in chunks)


def test_gzip_is_unpacked_whatever_the_name(tmp_path):
    path = put(tmp_path, gzip.compress(b"id,a\n1,x\n"), "file.csv")
    assert read(path)[0] == [{"id": "1", "a": "x"}]


def test_json_list_and_object_with_a_list(tmp_path):
    tickets = [{"id": 1, "via": {"channel": "email"}, "tags": ["a", "b"]}, {"id": 2, "ok": True, "n": 9.50}]
    expected = [
        {"id": "1", "via.channel": "email", "tags": '["a", "b"]', "ok": None, "n": None},
        {"id": "2", "via.channel": None, "tags": None, "ok": "true", "n": "9.5"},
    ]
    assert read(put(tmp_path, json.dumps(tickets, indent=1), "a.json"))[0] == expected
    records, lines, _ = read(put(tmp_path, json.dumps({"count": 2, "x": [1], "tickets": tickets}, indent=1), "b.json"))
    assert records == expected
    assert lines == [7, 17]
    assert read(put(tmp_path, json.dumps(tickets[1]), "c.json"))[0] == [{"id": "2", "ok": "true", "n": "9.5"}]


def test_json_reads_more_than_one_block(tmp_path):
    rows = [{"id": i, "text": "ã" * (i % 50)} for i in range(60_000)]
    records, _, _ = read(put(tmp_path, json.dumps(rows, ensure_ascii=False), "a.json"))
    assert [int(str(r["id"])) for r in records] == list(range(60_000))
    assert records[49]["text"] == "ã" * 49


def test_json_that_breaks_off_keeps_what_came_before(tmp_path):
    reader = open_file(put(tmp_path, '[{"id": 1},\n {"id": 2},\n {"id": ', "a.json"))
    chunks = reader.chunks()
    assert next(chunks).frame["id"].to_list() == ["1", "2"]
    with pytest.raises(BadFile, match=r"no JSON from line 3 on .*Export it again"):
        next(chunks)


def test_json_lines_rejects_lines_that_are_no_objects(tmp_path):
    path = put(tmp_path, '{"id": 1}\n\n{"id": 2\n[3]\n{"id": 4, "more": null}\n', "a.jsonl")
    records, lines, rejected = read(path)
    assert [(r["id"], n) for r, n in zip(records, lines, strict=True)] == [("1", 1), ("4", 5)]
    assert [line for line, _ in rejected] == [3, 4]
    assert "not JSON" in rejected[0][1]


def test_parquet_keeps_types_and_counts_rows(tmp_path):
    frame = pl.DataFrame({"id": ["a", "", "c"], "n": [1, 2, 3], "at": [datetime(2025, 1, 1, tzinfo=UTC)] * 3})
    frame.write_parquet(tmp_path / "a.parquet")
    records, lines, _ = read(tmp_path / "a.parquet")
    assert records[1] == {"id": None, "n": 2, "at": datetime(2025, 1, 1, tzinfo=UTC)}
    assert lines == [1, 2, 3]


def test_xlsx_gives_text_and_sheet_rows(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    sheet = book.create_sheet("Respostas")
    when = datetime.fromisoformat("2025-03-01T10:30")
    sheet.append(["id", "nota", "data", "quando", None])
    sheet.append([1, 9, date(2025, 3, 1), when, None])
    sheet.append([])
    sheet.append([2, 9.5, None, "01/03/2025", None])
    sheet.insert_rows(1)
    book.save(tmp_path / "a.xlsx")
    records, lines, _ = read(tmp_path / "a.xlsx")
    assert records == [
        {"id": "1", "nota": "9", "data": "2025-03-01", "quando": "2025-03-01T10:30:00"},
        {"id": "2", "nota": "9.5", "data": None, "quando": "01/03/2025"},
    ]
    assert lines == [3, 5]
    with pytest.raises(BadFile, match=r"has no sheet Outra\. Its sheets: Empty, Respostas"):
        open_file(tmp_path / "a.xlsx", Format(sheet="Outra"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"%PDF-1.7 ...", "is a PDF document, not a table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is a picture"),
        (b"<!DOCTYPE html><html><body>403 Forbidden</body></html>", "is a web page"),
        (b"<?xml version='1.0'?><a/>", "is an XML document"),
        (bytes(range(256)) * 20, "is not text"),
        (b"PK\x03\x04" + b"readme.txt" + bytes(50), "is a compressed archive"),
        (b"PK\x03\x04" + b"xl/workbook.xml" + bytes(50), "cannot be read as a sheet"),
        (b"PAR1" + bytes(50), "is a damaged Parquet file"),
        (gzip.compress(b"id,a\n1,x\n" * 1000, mtime=0)[:60], "is damaged"),
        (b"[1, 2]", "holds no records"),
        (b"{", "no JSON from line 1 on"),
    ],
)
def test_wrong_files_are_named(tmp_path, content, reason):
    with pytest.raises(BadFile, match=reason):
        read(put(tmp_path, content, "export.csv"))


def test_missing_file_and_folder_are_named(tmp_path):
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        open_file(tmp_path / "none.csv")
    with pytest.raises(BadFile, match="is a folder"):
        open_file(tmp_path)
