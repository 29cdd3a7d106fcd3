"""Zendesk's export: tickets with what stands in them and beside them."""

import json

import polars as pl

from tests.sources.conftest import FIXTURES

EXPORT = FIXTURES / "zendesk_tickets.json"


def test_tickets_with_metrics_and_names(importer, rows):
    report = importer("zendesk", EXPORT)
    assert rows(
        "SELECT id, customer, channel, team, agent, topic, status, reopens, replies, initiated_by, properties,"
        " first_reply_at::VARCHAR AS reply, resolved_at::VARCHAR AS solved FROM tickets ORDER BY id LIMIT 2"
    ) == [
        {"id": "1", "customer": "7", "channel": "email", "team": "Support BR", "agent": "Rui", "topic": "problem", "status": "closed",
         "reopens": 1, "replies": 2, "initiated_by": "customer", "properties": '{"subject":"Pedido atrasado","tags":"vip entrega"}',
         "reply": "2025-03-01 10:45:00", "solved": "2025-03-02 12:00:00"},
        {"id": "2", "customer": "8", "channel": "phone", "team": None, "agent": None, "topic": None, "status": "solved",
         "reopens": None, "replies": None, "initiated_by": "customer", "properties": None,
         "reply": None, "solved": "2025-03-05 09:00:00"},
    ]  # fmt: skip
    assert [(r.line, str(r.reason)) for r in report.rejects] == [
        (33, "created_at: first of March is not a date and time that can be read."),
        (34, "it has another shape than a ticket of Zendesk ('str' object has no attribute 'get')."),
    ]


def test_comments_and_audits_are_the_events(importer, rows):
    importer("zendesk", EXPORT)
    found = rows(
        "SELECT kind, actor, public, strftime(at, '%d %H:%M') AS t FROM ticket_events WHERE ticket = '2' ORDER BY at, kind"
    )
    assert [tuple(r.values()) for r in found] == [
        ("message", "customer", True, "01 10:00"), ("message", "agent", False, "01 10:05"), ("message", "agent", True, "01 10:10"),
        ("resolved", "agent", False, "02 10:00"), ("assigned", "customer", False, "04 10:00"), ("reopened", "customer", False, "04 10:00"),
        ("resolved", "system", False, "05 09:00"),
    ]  # fmt: skip
    # Without them, the metrics tell the first reply and the resolution.
    found = rows("SELECT kind, actor, strftime(at, '%d %H:%M') AS t FROM ticket_events WHERE ticket = '1' ORDER BY at")
    assert [tuple(r.values()) for r in found] == [
        ("message", "customer", "01 10:00"), ("message", "agent", "01 10:45"), ("resolved", "agent", "02 12:00"),
    ]  # fmt: skip


def test_ratings_texts_and_promises(importer, rows):
    importer("zendesk", EXPORT)
    # good and bad are the ends of 1-5: the top two boxes then hold the good ones and nothing else.
    assert rows("SELECT interaction, score, scale_min, scale_max FROM answers ORDER BY 1") == [
        {"interaction": "1", "score": 1.0, "scale_min": 1.0, "scale_max": 5.0},
        {"interaction": "3", "score": 5.0, "scale_min": 1.0, "scale_max": 5.0},
    ]
    assert rows("SELECT source, text FROM mentions ORDER BY 1") == [
        {"source": "survey", "text": "Demorou demais"}, {"source": "ticket", "text": "Onde está meu pedido?"},
    ]  # fmt: skip
    assert rows("SELECT kind, kept_at <= due_at AS kept FROM promises") == [{"kind": "resolution", "kept": False}]


def test_objects_of_their_own_in_lines(importer, rows, tmp_path):
    tickets = json.loads(EXPORT.read_text())["tickets"][:2]
    apart = [{**{k: v for k, v in t.items() if k not in ("comments", "audits", "metric_set")}} for t in tickets]
    apart += [{"ticket_id": 2, **c} for c in tickets[1]["comments"]] + [
        {"ticket_id": 2, **a} for a in tickets[1]["audits"]
    ]
    apart.append({"ticket_id": 1, **tickets[0]["metric_set"]})
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in apart))
    importer("zendesk", path)
    assert rows("SELECT ticket, kind, count(*) AS n FROM ticket_events GROUP BY ALL ORDER BY ALL") == [
        {"ticket": "1", "kind": "message", "n": 2}, {"ticket": "1", "kind": "resolved", "n": 1},
        {"ticket": "2", "kind": "assigned", "n": 1}, {"ticket": "2", "kind": "message", "n": 3},
        {"ticket": "2", "kind": "reopened", "n": 1}, {"ticket": "2", "kind": "resolved", "n": 2},
    ]  # fmt: skip


def test_tables_hold_inner_objects_under_names_with_dots(importer, rows, tmp_path):
    pl.DataFrame({
        "id": ["1"], "created_at": ["2025-03-01T10:00:00Z"], "status": ["open"], "via.channel": ["chat"],
        "satisfaction_rating": ['{"score": "good"}'], "metric_set.replies": ["2"],
    }).write_parquet(tmp_path / "tickets.parquet")  # fmt: skip
    importer("zendesk", tmp_path)
    assert rows("SELECT channel, replies FROM tickets") == [{"channel": "chat", "replies": 2}]
    assert rows("SELECT score FROM answers") == [{"score": 5.0}]
