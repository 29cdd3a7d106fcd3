"""ServiceNow's incident log: tickets, what happened to them, promises kept."""

import pytest

from percorso.errors import UserError

LOG = """number,incident_state,sys_mod_count,reopen_count,made_sla,caller_id,opened_at,sys_updated_at,contact_type,category,priority,assignment_group,assigned_to,resolved_at,closed_at
INC1,New,0,0,true,Caller 1,1/3/2016 09:00,1/3/2016 09:05,Phone,Category 5,3 - Moderate,Group 1,?,14/3/2016 08:00,24/3/2016 18:00
INC1,Active,1,0,true,Caller 1,1/3/2016 09:00,2/3/2016 10:00,Phone,Category 5,2 - High,Group 2,Resolver 1,14/3/2016 08:00,24/3/2016 18:00
INC1,Awaiting User Info,2,0,true,Caller 1,1/3/2016 09:00,3/3/2016 10:00,Phone,Category 5,2 - High,Group 2,Resolver 1,14/3/2016 08:00,24/3/2016 18:00
INC1,Resolved,3,0,true,Caller 1,1/3/2016 09:00,4/3/2016 10:00,Phone,Category 5,2 - High,Group 2,Resolver 1,14/3/2016 08:00,24/3/2016 18:00
INC1,Closed,6,1,false,Caller 1,1/3/2016 09:00,24/3/2016 18:00,Phone,Category 5,2 - High,Group 2,Resolver 1,14/3/2016 08:00,24/3/2016 18:00
INC1,Active,4,1,true,Caller 1,1/3/2016 09:00,7/3/2016 10:00,Phone,Category 5,2 - High,Group 2,Resolver 1,14/3/2016 08:00,24/3/2016 18:00
INC1,Resolved,5,1,true,Caller 1,1/3/2016 09:00,14/3/2016 08:00,Phone,Category 5,2 - High,Group 2,Resolver 1,14/3/2016 08:00,24/3/2016 18:00
INC2,New,0,0,true,?,?,5/3/2016 09:00,Email,?,?,?,?,?,?
INC2,Closed,1,0,true,?,?,6/3/2016 09:00,Email,?,?,?,?,?,6/3/2016 09:00
INC3,New,0,0,true,?,2/3/2016 09:00,32/3/2016 09:00,Email,?,?,?,?,?,?
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


def test_updates_fold_into_tickets(importer, rows, log):
    report = importer("servicenow", log)
    assert rows("SELECT id, customer, status, priority, team, agent, channel, reopens, opened_at::VARCHAR AS opened_at, resolved_at::VARCHAR AS resolved_at FROM tickets ORDER BY id") == [
        {"id": "INC1", "customer": "Caller 1", "status": "Closed", "priority": "2 - High", "team": "Group 2", "agent": "Resolver 1",
         "channel": "phone", "reopens": 1, "opened_at": "2016-03-01 09:00:00", "resolved_at": "2016-03-14 08:00:00"},
        {"id": "INC2", "customer": None, "status": "Closed", "priority": None, "team": None, "agent": None,
         "channel": "email", "reopens": 0, "opened_at": "2016-03-05 09:00:00", "resolved_at": None},
    ]  # fmt: skip
    assert [(r.line, str(r.reason)) for r in report.rejects] == [
        (11, "sys_updated_at: 32/3/2016 09:00 is not a date and time that can be read.")
    ]


def test_changes_of_state_are_events_in_their_order(importer, rows, log):
    importer("servicenow", log)
    found = rows("SELECT kind, strftime(at, '%d') AS day FROM ticket_events WHERE ticket = 'INC1' ORDER BY at, kind")
    assert [(r["kind"], r["day"]) for r in found] == [
        ("status", "01"), ("assigned", "02"), ("status", "02"), ("pending", "03"), ("resolved", "04"), ("reopened", "07"),
        ("status", "07"), ("resolved", "14"), ("status", "24"),
    ]  # fmt: skip


def test_promises_stand_at_the_closing(importer, rows, log):
    importer("servicenow", log)
    assert rows(
        "SELECT ticket, due_at::VARCHAR AS due, kept_at = due_at AS kept, kind FROM promises ORDER BY ticket"
    ) == [
        {"ticket": "INC1", "due": "2016-03-24 18:00:00", "kept": None, "kind": "resolution"},
        {"ticket": "INC2", "due": "2016-03-06 09:00:00", "kept": True, "kind": "resolution"},
    ]


def test_file_of_something_else_is_told(importer, tmp_path):
    (tmp_path / "a.csv").write_text("number,date\n1,990201\n")
    with pytest.raises(UserError, match=r"a\.csv has no column incident_state, sys_updated_at"):
        importer("servicenow", tmp_path / "a.csv")


def test_real_log(importer, rows, real):
    report = importer("servicenow", real("servicenow-incidents"))
    assert report.rejected == 0
    # Counted in the file by hand-written SQL (last update of each number): 3,719 of 9,202 kept; 9,200 were ever Resolved.
    assert rows("SELECT count(*) AS n, count(kept_at) AS kept FROM promises") == [{"n": 9202, "kept": 3719}]
    assert rows("SELECT count(DISTINCT ticket) AS n FROM ticket_events WHERE kind = 'resolved'") == [{"n": 9200}]
    assert rows("SELECT count(*) AS n, min(opened_at)::VARCHAR AS first FROM tickets") == [
        {"n": 9202, "first": "2016-02-29 01:16:00"}
    ]
