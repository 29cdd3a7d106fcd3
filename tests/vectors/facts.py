"""Adapters of indicators: vector names to table columns, and cells back to vector names. They compute nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from percorso.analytics.query import Period
from percorso.analytics.result import Cell

Rows = list[dict[str, Any]]
WHEN = "2025-03-15T12:00:00Z"  # for inputs without times


@dataclass(frozen=True)
class Adapter:
    """How one kind of vector is asked: its facts by table, the figures to ask for, and their names in the vector."""

    facts: Callable[[Mapping[str, Any]], dict[str, Rows]]
    asks: Callable[[Mapping[str, Any]], list[tuple[str, dict[str, Any]]]]
    read: Callable[[Mapping[str, Any], list[Cell]], dict[str, Any]]


def window(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the period and the instant of knowledge of a vector as query arguments."""
    args: dict[str, Any] = {}
    if p := given.get("period"):
        args["period"] = Period(date.fromisoformat(p["start"]), date.fromisoformat(p["end"]), p["tz"])
    if at := given.get("as_of") or given.get("at"):
        args["as_of"] = datetime.fromisoformat(at)
    if "confidence" in given:
        args["confidence"] = given["confidence"]
    return args


def basic(cell: Cell) -> dict[str, Any]:
    """Return what every result has."""
    return {
        "value": cell.value, "ci_low": cell.low, "ci_high": cell.high, "n": cell.n, "status": cell.status,
        **cell.details,
    }  # fmt: skip


def asks(*keys: str, **options: Any) -> Callable[[Mapping[str, Any]], list[tuple[str, dict[str, Any]]]]:
    return lambda given: [(key, {"options": options}) for key in keys]


# ---- asked in surveys --------------------------------------------------------------------------------------------


def _scores(metric: str, population: str | None = None, polarity: str = "higher", scale: Any = None) -> Any:
    def facts(given: Mapping[str, Any]) -> dict[str, Rows]:
        low, high = scale(given) if scale else given.get("scale", (0, 10))
        fixed = {
            "metric": metric, "population": population, "polarity": polarity, "scale_min": low, "scale_max": high,
        }  # fmt: skip
        if "responses" in given:
            names = {"submitted_at": "at", "respondent_id": "customer", "interaction_id": "interaction"}
            known = {"id", "score", "weight", *names}
            rows = [{names.get(k, k): v for k, v in r.items() if k in known} for r in given["responses"]]
        else:
            weights = given.get("weights") or [None] * len(given["scores"])
            pairs = zip(given["scores"], weights, strict=True)
            rows = [{"id": str(i), "at": WHEN, "score": s, "weight": w} for i, (s, w) in enumerate(pairs)]
        return {"answers": [{**fixed, **row} for row in rows]}

    return facts


def _ask_scores(key: str) -> Any:
    def ask(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        options: dict[str, Any] = {}
        if "weights" in given:
            options["weighted"] = True
        if "version" in given:
            options["version"] = given["version"]
        if "top_n" in given:
            options["top_n"] = given["top_n"]
        keys = set(given.get("dedupe_key", ()))
        if keys:
            options["latest_per"] = "interaction" if "interaction_id" in keys else "customer"
        return [(key, {"options": options})]

    return ask


def _net(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    return basic(cells[0])


def _box(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    d = cells[0].details
    names = {"mean_ci_low": d["mean_low"], "mean_ci_high": d["mean_high"], "mean_ci_note": d["mean_note"]}
    return {**basic(cells[0]), **names}


def _effort(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    d = cells[0].details
    names = {"ci_note": d["interval_note"], "easy_ci_low": d["easy_low"], "easy_ci_high": d["easy_high"]}
    return {**basic(cells[0]), **names}


def _effort_scale(given: Mapping[str, Any]) -> tuple[int, int]:
    return (1, 5) if given["version"] == "ces1" else (1, 7)


def _effort_facts(given: Mapping[str, Any]) -> dict[str, Rows]:
    polarity = "lower" if given["version"] == "ces1" else "higher"
    return _scores("ces", polarity=polarity, scale=_effort_scale)(given)  # type: ignore[no-any-return]


def _invitations(given: Mapping[str, Any]) -> dict[str, Rows]:
    rows = [{"at" if k == "sent_at" else k: v for k, v in i.items()} for i in given["invitations"]]
    return {"messages": [{"purpose": "survey", **row} for row in rows]}


def _response(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    response, completion = cells
    return {
        **response.details,
        "response_rate": response.value, "response_ci_low": response.low, "response_ci_high": response.high,
        "completion_rate": completion.value, "completion_ci_low": completion.low, "completion_ci_high": completion.high,
    }  # fmt: skip


def _reviews(given: Mapping[str, Any]) -> dict[str, Rows]:
    return {
        "mentions": [
            {"id": str(i), "at": WHEN, "source": "review", "rating": r} for i, r in enumerate(given["ratings"])
        ]
    }


def _ask_reviews(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("review_rating", {"options": {k: given[k] for k in ("prior_mean", "prior_weight") if k in given}})]


# ---- measured in service -----------------------------------------------------------------------------------------

KINDS = {"agent_reply": "message", "bot_reply": "message", "customer_message": "message"}
ACTORS = {"agent_reply": "agent", "bot_reply": "bot", "customer_message": "customer"}


def _tickets(given: Mapping[str, Any]) -> dict[str, Rows]:
    tickets, changes = [], []
    for t in given["tickets"]:
        tickets.append({
            "id": str(t["ticket_id"]), "opened_at": t.get("created_at", WHEN), "initiated_by": t.get("initiated_by"),
        })  # fmt: skip
        for i, e in enumerate([*t.get("events", ()), *t.get("replies", ()), *t.get("messages", ())]):
            kind = e.get("type", "message")
            changes.append({
                "id": f"{t['ticket_id']}-{i:06}", "ticket": str(t["ticket_id"]), "at": e["at"],
                "kind": KINDS.get(kind, kind), "actor": e.get("actor", ACTORS.get(kind)), "public": e.get("public", True),
            })  # fmt: skip
    return {"tickets": tickets, "ticket_events": changes}


def _first_response(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    d = cells[0].details
    return {**basic(cells[0]), "n_answered": d["n_done"], "n_waiting": d["n_open"]}


def _ask_resolution(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    key = "median_resolution_time"
    return [
        ("average_resolution_time", {}),
        (key, {"options": {"resolution": "first"}}),
        (key, {"options": {"resolution": "cohort"}}),
        ("backlog", {"period": None}),
    ]


def _resolution(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    mean, first, cohort, backlog = cells
    d, c = mean.details, cohort.details
    return {
        **basic(mean), "mean_ci_low": mean.low, "mean_ci_high": mean.high,
        "median_ci_low": d["median_low"], "median_ci_high": d["median_high"],
        "first_resolution_mean": first.details["mean"], "n_first": first.n, "n_open": backlog.value,
        "cohort_km_median": c["km_median"], "cohort_n": c["n_done"] + c["n_open"], "cohort_censored": c["n_open"],
    }  # fmt: skip


def _contacts(given: Mapping[str, Any]) -> dict[str, Rows]:
    names = {
        "customer_id": "customer", "issue": "topic", "talk_s": "talk_seconds", "hold_s": "hold_seconds",
        "wrap_s": "wrap_seconds", "contact_id": "id", "not_resolvable_at_first_contact": "unresolvable",
    }  # fmt: skip
    rows = [{names.get(k, k): v for k, v in c.items()} for c in given.get("contacts", ())]
    for i, row in enumerate(rows):
        row["id"] = str(row.get("id", i))
        row.setdefault("at", row.get("queued_at") or row.get("ended_at") or WHEN)
    return {"contacts": rows}


def _fcr(given: Mapping[str, Any]) -> dict[str, Rows]:
    if "answers" in given:
        rows = [{"id": str(i), "at": WHEN, "metric": "fcr", "score": None if a is None else int(a)}
                for i, a in enumerate(given["answers"])]  # fmt: skip
        return {"answers": rows}
    return _tickets(given) if "tickets" in given else _contacts(given)


def _queue(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    waiting, answer, abandonment, level = cells
    return {
        **waiting.details,
        "average_waiting_time": waiting.value, "average_speed_of_answer": answer.value,
        "abandonment_rate": abandonment.value,
        "abandonment_ci_low": abandonment.low, "abandonment_ci_high": abandonment.high,
        "service_level": level.value, "service_level_ci_low": level.low, "service_level_ci_high": level.high,
    }  # fmt: skip


def _ask_queue(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    short = {k: v for k, v in (("short_abandon_seconds", given.get("short_abandon_s")),) if v is not None}
    level = {**short, **({"threshold_seconds": given["threshold_s"]} if "threshold_s" in given else {})}
    keys = ("average_waiting_time", "average_speed_of_answer", "abandonment_rate")
    return [*((key, {"options": short}) for key in keys), ("service_level", {"options": level})]


def _backlog(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    backlog, age = cells
    names = ("d0_1", "d1_3", "d3_7", "d7_30", "d30_plus")
    return {
        "value": backlog.value, "median_age_s": age.value, "p90_age_s": age.details["p90"],
        "max_age_s": age.details["max"], "buckets": {name: age.details[name] for name in names},
    }  # fmt: skip


def _targets(given: Mapping[str, Any]) -> dict[str, Rows]:
    names = {"achieved_at": "kept_at", "target_id": "id", "ticket_id": "ticket"}
    rows = [{names.get(k, k): v for k, v in t.items()} for t in given["targets"]]
    return {"promises": [{"id": str(i), **row} for i, row in enumerate(rows)]}


def _conversations(given: Mapping[str, Any]) -> dict[str, Rows]:
    names = {"customer_id": "customer", "started_at": "at", "handoff": "handed_off", "conversation_id": "conversation"}
    bots = [{names.get(k, k): v for k, v in c.items()} for c in given["conversations"]]
    people = [{names.get(k, k): v for k, v in c.items()} for c in given["human_contacts"]]
    rows = [{"id": f"b{i}", "by_bot": True, **row} for i, row in enumerate(bots)]
    return {"contacts": rows + [{"id": f"h{i}", "by_bot": False, **row} for i, row in enumerate(people)]}


def first(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    return basic(cells[0])


ADAPTERS = {
    "nps": Adapter(_scores("nps"), _ask_scores("nps"), _net),
    "enps": Adapter(_scores("enps", "employee"), _ask_scores("enps"), _net),
    "csat": Adapter(_scores("csat"), _ask_scores("csat"), _box),
    "sps": Adapter(_scores("sps", "partner"), _ask_scores("sps"), _box),
    "ces": Adapter(_effort_facts, _ask_scores("ces"), _effort),
    "response_rate": Adapter(_invitations, asks("response_rate", "completion_rate"), _response),
    "review_rating": Adapter(_reviews, _ask_reviews, first),
    "first_response_time": Adapter(_tickets, asks("first_response_time"), _first_response),
    "average_response_time": Adapter(_tickets, asks("average_response_time"), first),
    "resolution_time": Adapter(_tickets, _ask_resolution, _resolution),
    "fcr": Adapter(_fcr, lambda g: [("fcr", {"options": {"definition": g["definition"]}})], first),
    "average_handling_time": Adapter(_contacts, asks("average_handling_time"), first),
    "queue_metrics": Adapter(_contacts, _ask_queue, _queue),
    "backlog": Adapter(_tickets, asks("backlog", "backlog_age"), _backlog),
    "sla_compliance": Adapter(_targets, asks("sla_compliance"), first),
    "reopen_rate": Adapter(_tickets, asks("reopen_rate"), first),
    "escalation_rate": Adapter(_tickets, asks("escalation_rate"), first),
    "containment_rate": Adapter(_conversations, asks("containment_rate"), first),
}
