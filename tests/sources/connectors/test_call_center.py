"""Calls of the Anonymous Bank: queue, service, abandonment."""

import pytest

from percorso.errors import UserError

HEADER = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\n"
CALLS = (
    "AA0101\t1\t0\t0\tPS\t990201\t7:02:47\t7:02:56\t9\t0:00:00\t0:00:00\t0\tAGENT\t7:02:55\t7:05:41\t166\tDORIT\n"
    "AA0101\t2\t481\t2\tNW\t990201\t8:19:42\t8:19:47\t5\t8:19:47\t8:20:21\t34\tAGENT\t8:20:20\t8:22:04\t104\tNO_SERVER\n"
    "AA0101\t3\t233\t2\tPS\t990201\t8:09:16\t8:09:22\t6\t8:09:22\t8:09:27\t5\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n"
    "AA0101\t4\t0\t2\tPS\t990202\t13:13:33\t13:13:42\t9\t13:13:42\t13:14:12\t30\tPHANTOM\t13:13:40\t13:14:18\t38\tNO_SERVER\n"
    "AA0101\t5\t9\t1\tIN\t990202\t23:59:50\t0:00:05\t15\t0:00:05\t0:00:35\t30\tAGENT\t0:00:35\t0:01:35\t60\tIDIT\n"
    "AA0101\t6\t9\t1\tIN\t990202\t10:00:00\t9:59:30\t-30\t9:59:30\t10:00:30\t60\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n"
    "AA0101\t7\t9\t1\tIN\t990230\t10:00:00\t10:00:10\t10\t10:00:10\t10:00:30\t20\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n"
    "AA0101\t8\t9\t1\tIN\t990202\t10:00:00\t10:00:10\t10\t10:00:10\t10:00:30\t20\tLOST\t0:00:00\t0:00:00\t0\tNO_SERVER\n"
)


@pytest.fixture
def calls(tmp_path):
    path = tmp_path / "february.txt"
    path.write_text(HEADER + CALLS)
    return path


def test_calls_wait_are_answered_or_given_up(importer, rows, calls):
    report = importer("call_center", calls)
    found = rows(
        "SELECT id, customer, agent, priority, epoch(coalesce(answered_at, abandoned_at) - queued_at) AS waited,"
        " handled, talk_seconds AS talk, epoch(ended_at - answered_at) AS served FROM contacts ORDER BY id"
    )
    assert [tuple(r.values()) for r in found] == [
        ("990201:AA0101:1", None, "DORIT", "regular", 0.0, True, 166.0, 166.0),
        ("990201:AA0101:2", "481", None, "high", 34.0, True, 104.0, 104.0),
        ("990201:AA0101:3", "233", None, "high", 5.0, False, None, None),
        ("990202:AA0101:5", "9", "IDIT", "regular", 30.0, True, 60.0, 60.0),
        ("990202:AA0101:6", "9", None, "regular", 60.0, False, None, None),
    ]
    assert [str(w) for w in report.warnings] == ["1 PHANTOM calls are left out."]
    assert [(r.line, str(r.reason)) for r in report.rejects] == [
        (8, "date: 990230 is not a date and time that can be read."),
        (9, "outcome: LOST is not AGENT, HANG or PHANTOM."),
    ]


def test_clocks_show_local_time_and_pass_midnight(importer, rows, calls):
    importer("call_center", calls)
    # Israel: two hours ahead of UTC in February 1999.
    assert [r["queued_at"].isoformat() for r in rows("SELECT queued_at FROM contacts ORDER BY id")] == [
        "1999-02-01T05:02:56", "1999-02-01T06:19:47", "1999-02-01T06:09:22", "1999-02-02T22:00:05", "1999-02-02T07:59:30",
    ]  # fmt: skip


def test_file_of_something_else_is_told(importer, tmp_path):
    (tmp_path / "a.csv").write_text("id,date\n1,990201\n")
    with pytest.raises(UserError, match=r"a\.csv has no column call_id, vru_exit, q_time, outcome"):
        importer("call_center", tmp_path / "a.csv")


def test_real_calls(importer, rows, real):
    report = importer("call_center", real("bank-call-center"))
    # Counted by hand in the file: 14,405 AGENT, 2,908 HANG, 143 PHANTOM of 17,456 calls.
    assert (report.records, report.rejected) == (17_456, 0)
    assert rows(
        "SELECT count(*) AS n, count(abandoned_at) AS abandoned, count(answered_at) AS answered FROM contacts"
    ) == [{"n": 17_313, "abandoned": 2908, "answered": 14_405}]
    # Share of those who gave up after five seconds or more: 1,755 HANG with q_time >= 5 beside 14,405 AGENT.
    assert rows(
        "SELECT round(avg((abandoned_at IS NOT NULL)::INT), 4) AS share FROM contacts"
        " WHERE answered_at IS NOT NULL OR abandoned_at - queued_at >= INTERVAL 5 SECOND"
    ) == [{"share": 0.1086}]
    assert rows("SELECT count(*) AS n FROM contacts WHERE customer IS NULL") == [{"n": 11_027}]
