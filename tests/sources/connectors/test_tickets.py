"""Any ticket export as tickets, events, promises and ratings."""

import pytest

from percorso.errors import UserError

EXPORT = """Ticket ID,Requester,Created at,First response,Resolved at,Due date,Status,Priority,Group,Assignee,Satisfaction,Subject,Escalated
1,ana,2025-03-01 10:00,2025-03-01 11:30,2025-03-02 10:00,2025-03-01 18:00,Closed,High,A,Rui,5,Broken,no
2,bia,2025-03-01 12:00,,,2025-03-05 18:00,Open,Low,B,,,Late,yes
3,caio,,2025-03-01 11:30,,,Open,Low,B,,,Late,no
4,davi,2025-03-01 12:00,,,,Open,Low,B,,9,Late,no
"""


def test_tickets_events_promises_and_ratings(importer, rows, tmp_path):
    path = tmp_path / "tickets.csv"
    path.write_text(EXPORT)
    report = importer("tickets", path, scale="1-5")
    assert rows("SELECT id, customer, status, priority, team, agent, topic FROM tickets ORDER BY id") == [
        {"id": "1", "customer": "ana", "status": "Closed", "priority": "High", "team": "A", "agent": "Rui", "topic": "Broken"},
        {"id": "2", "customer": "bia", "status": "Open", "priority": "Low", "team": "B", "agent": None, "topic": "Late"},
    ]  # fmt: skip
    assert rows(
        "SELECT ticket, kind, actor, public, at::VARCHAR AS t FROM ticket_events ORDER BY ticket, at, kind"
    ) == [
        {"ticket": "1", "kind": "message", "actor": "customer", "public": True, "t": "2025-03-01 10:00:00"},
        {"ticket": "1", "kind": "message", "actor": "agent", "public": True, "t": "2025-03-01 11:30:00"},
        {"ticket": "1", "kind": "resolved", "actor": "agent", "public": False, "t": "2025-03-02 10:00:00"},
        {"ticket": "2", "kind": "escalated", "actor": "agent", "public": False, "t": "2025-03-01 12:00:00"},
        {"ticket": "2", "kind": "message", "actor": "customer", "public": True, "t": "2025-03-01 12:00:00"},
    ]
    assert rows("SELECT id, kind, due_at < kept_at AS late FROM promises ORDER BY id") == [
        {"id": "1:resolution", "kind": "resolution", "late": True},
        {"id": "2:resolution", "kind": "resolution", "late": None},
    ]
    assert rows("SELECT interaction, metric, score, agent FROM answers") == [
        {"interaction": "1", "metric": "csat", "score": 5.0, "agent": "Rui"}
    ]
    assert [(r.line, str(r.reason)) for r in report.rejects] == [
        (4, "Created at: the record has no date."),
        (5, "Satisfaction: 9 is not on the scale 1-5."),
    ]


def test_durations_are_added_to_the_opening(importer, rows, tmp_path):
    path = tmp_path / "chamados.csv"
    path.write_text(
        "Protocolo;Data de abertura;Tempo de primeira resposta (min);Tempo de resolução;Situação\n"
        "1;01/03/2025 10:00;90;1:30:00;Fechado\n2;31/03/2025 10:00;;;Aberto\n"
    )
    importer("tickets", path, zone="America/Sao_Paulo")
    found = rows(
        "SELECT id, epoch(first_reply_at - opened_at) AS r, epoch(resolved_at - opened_at) AS s FROM tickets ORDER BY id"
    )
    assert found == [{"id": "1", "r": 5400.0, "s": 5400.0}, {"id": "2", "r": None, "s": None}]


def test_real_export_has_no_opening_and_says_so(importer, rows, real):
    path = real("customer-support-tickets") / "raw" / "customer_support_tickets.csv.gz"
    with pytest.raises(
        UserError, match=r"No column says when it was created\. Give --map opened_at=COLUMN, or .*--set opened_at"
    ):
        importer("tickets", path)
    report = importer("tickets", path, set={"opened_at": "2023-05-31"})
    assert report.rejected == 0
    # README: Pending Customer Response 2,881; Open 2,819; Closed 2,769; rated are the closed, mean 2.9913;
    # resolved before the first response in 1,365.
    assert rows("SELECT status, count(*) AS n FROM tickets GROUP BY 1 ORDER BY 1") == [
        {"status": "Closed", "n": 2769}, {"status": "Open", "n": 2819}, {"status": "Pending Customer Response", "n": 2881},
    ]  # fmt: skip
    assert rows("SELECT count(score) AS n, round(avg(score), 4) AS mean FROM answers") == [{"n": 2769, "mean": 2.9913}]
    assert rows("SELECT count(*) AS n FROM tickets WHERE resolved_at < first_reply_at") == [{"n": 1365}]
    assert rows("SELECT kind, count(*) AS n FROM ticket_events GROUP BY 1 ORDER BY 1") == [
        {"kind": "message", "n": 8469 + 2769 + 2881}, {"kind": "resolved", "n": 2769},
    ]  # fmt: skip


def test_real_durations_in_hours_and_minutes(importer, rows, real):
    path = real("ravenstack-saas") / "raw" / "ravenstack_support_tickets.csv.gz"
    report = importer("tickets", path)
    assert report.mapping.units == {"first_reply_after": "minutes", "resolved_after": "hours"}
    assert rows("SELECT epoch(first_reply_at - opened_at) AS s, epoch(resolved_at - opened_at) AS t FROM tickets WHERE id = 'T-0024de'") == [
        {"s": 74 * 60.0, "t": 27 * 3600.0}
    ]  # fmt: skip
