"""The airport's survey of any year: the recommendation, the items, the weights; codes that mean blank are no scores."""

import polars as pl

NPS = """
SELECT count(score) AS n, round(100.0 * (count(*) FILTER (score >= 9) - count(*) FILTER (score <= 6)) / count(score), 2) AS nps,
       round(100.0 * sum(weight * CASE WHEN score >= 9 THEN 1 WHEN score <= 6 THEN -1 ELSE 0 END) / sum(weight) FILTER (score IS NOT NULL), 2) AS weighted
FROM answers WHERE metric = 'nps'
"""


def test_names_that_end_in_blanks_and_codes_for_blank(importer, rows, tmp_path):
    path = tmp_path / "2018_SFO.csv"
    path.write_text(
        "*RESPNUM,INTDATE,Q7ART ,Q7ALL,Q9All,NETPRO  ,LANG,WEIGHT,BAREA,Q20Age\n"
        "1,12,5,4,0,10,1,0.5,A,3\n2,13,6,Blank,3,11,3,2,B,\n3,14,0,9,5,0,2,1,C,4\n4,15,,5,,,4,,D,5\n"
    )
    report = importer("sfo_survey", path)
    assert rows("SELECT id, score FROM answers WHERE metric = 'nps' ORDER BY id") == [
        {"id": "2018:1:recommendation", "score": 10.0}, {"id": "2018:2:recommendation", "score": None},
        {"id": "2018:4:recommendation", "score": None},
    ]  # fmt: skip
    assert [(r.line, str(r.reason)) for r in report.rejects] == [(4, "Q7ALL: 9 is not on the scale 1-5.")]
    # 6 is "never used": nobody was asked to rate it. 0 and the word are blank.
    assert rows("SELECT customer, score FROM answers WHERE question = 'artwork and exhibitions' ORDER BY id") == [
        {"customer": "sfo-2018-1", "score": 5.0}, {"customer": "sfo-2018-4", "score": None},
    ]  # fmt: skip
    assert rows("SELECT score FROM answers WHERE question = 'cleanliness of the airport' AND score > 0") == [
        {"score": 3.0}
    ]
    assert rows("SELECT DISTINCT language, weight, at, properties FROM answers WHERE id LIKE '2018:1:%'") == [
        {"language": "en", "weight": 0.5, "at": pl.Series(["2018-07-01T19:00:00"]).str.to_datetime()[0],
         "properties": '{"year":"2018","dated":"no","area":"A","age":"3"}'},
    ]  # fmt: skip


def test_whole_dates_are_taken_and_letters_are_items(importer, rows, tmp_path):
    letters = ",".join(f"Q6{c}" for c in "ABCDEFGHIJKLMN")
    (tmp_path / "survey_2010.csv").write_text(f"RESPNUM,INTDATE,{letters},Q8A\n1,5/14/2010,{'4,' * 13}3,5\n")
    importer("sfo_survey", tmp_path)
    assert rows("SELECT question, score, at FROM answers WHERE question IN ('airport as a whole', 'cleanliness of boarding areas') ORDER BY question") == [
        {"question": "airport as a whole", "score": 3.0, "at": pl.Series(["2010-05-14T07:00:00"]).str.to_datetime()[0]},
        {"question": "cleanliness of boarding areas", "score": 5.0, "at": pl.Series(["2010-05-14T07:00:00"]).str.to_datetime()[0]},
    ]  # fmt: skip


def test_file_without_year_or_items_is_told(importer, tmp_path):
    (tmp_path / "survey.csv").write_text("RESPNUM,Q7ALL\n1,5\n")
    (tmp_path / "2018_other.csv").write_text("a,b\n1,5\n")
    report = importer("sfo_survey", tmp_path)
    assert [str(w) for w in report.warnings] == [
        "2018_other.csv is not used: it has no respondent numbers or no rated items.",
        "survey.csv is not used: its name holds no year. Give it one, such as 2017_survey.csv.",
    ]
    assert importer("sfo_survey", tmp_path / "survey.csv", year=2017).new == 1


def test_real_survey_of_2017(importer, rows, real):
    # The data's README: NPS n 2,746, +39.84, weighted +40.40; Q7ALL n 2,688, mean 4.0644.
    importer("sfo_survey", real("sfo-survey") / "raw" / "2017_SFO_Customer_Survey_20250817.csv.gz")
    assert rows(NPS) == [{"n": 2746, "nps": 39.84, "weighted": 40.40}]
    assert rows(
        "SELECT count(score) AS n, round(avg(score), 4) AS mean FROM answers WHERE question = 'airport as a whole'"
    ) == [{"n": 2688, "mean": 4.0644}]


def test_real_surveys_of_all_years(importer, rows, real):
    report = importer("sfo_survey", real("sfo-survey"))
    assert (report.state, report.rejected, report.records) == ("done", 0, 25_856)
    years = rows(
        "SELECT left(id, 4) AS year, count(DISTINCT customer) AS people,"
        " avg(score) FILTER (question = 'airport as a whole') BETWEEN 3.9 AND 4.1 AS plausible"
        " FROM answers GROUP BY 1 ORDER BY 1"
    )
    # Those who never used anything that was asked about have no answers; 2017 asks all whether they recommend.
    assert (years[0]["people"], years[-1]["people"]) == (3229, 2831)
    assert [r["year"] for r in years] == [str(year) for year in range(2010, 2018)]
    assert all(r["plausible"] for r in years)
    assert rows("SELECT count(*) AS n FROM answers WHERE score NOT BETWEEN scale_min AND scale_max") == [{"n": 0}]
