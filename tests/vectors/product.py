"""Adapters of product use and digital quality (see `facts`)."""

from collections.abc import Mapping
from typing import Any

from percorso.analytics.result import Cell
from tests.vectors.facts import WHEN, Adapter, Rows, asks, basic, first


def happened(given: Mapping[str, Any]) -> dict[str, Rows]:
    """Return plain events; what they say beside is kept in their properties."""
    names = {"user_id": "customer", "event": "name"}
    rows = [
        {"id": f"{i:06}", "name": "happened", **{names.get(k, k): v for k, v in e.items()}}
        for i, e in enumerate(given["events"])
    ]
    return {"events": rows}


def _signups(given: Mapping[str, Any]) -> dict[str, Rows]:
    rows = []
    for user in given["users"]:
        told = [{"event": "Signed Up", "at": user["signed_up_at"]}, *user["events"]]
        rows += [
            {"id": f"{user['user_id']}-{i:06}", "customer": user["user_id"], "name": e["event"], "at": e["at"]}
            for i, e in enumerate(told)
        ]
    return {"events": rows}


def _ask_activation(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    options: dict[str, Any] = {"activation": ", ".join(given["activation_events"])}
    if "window_days" in given:
        options["window_days"] = given["window_days"]
    return [("activation_rate", {"options": options})]


def _activation(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    return {**basic(cells[0]), "median_time_to_activate_s": cells[0].details["median_seconds"]}


def _features(given: Mapping[str, Any]) -> dict[str, Rows]:
    return {"events": [{**e, "name": "Feature Used"} for e in happened(given)["events"]]}


def _ask_features(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    options = {"core": ", ".join(given["core_features"])}
    return [(key, {"options": options}) for key in ("feature_adoption", "adoption_breadth")]


def _adoption(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    adoption, breadth = cells
    names = {"low": "ci_low", "high": "ci_high"}
    return {
        "active_users": adoption.n,
        "ranking": [{names.get(k, k): v for k, v in one.items()} for one in adoption.details["ranking"]],
        "breadth": breadth.value, "breadth_ci_low": breadth.low, "breadth_ci_high": breadth.high,
    }  # fmt: skip


def _sticky(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    d = cells[0].details
    bounds = {"active_days_ci_low": d["active_days_low"], "active_days_ci_high": d["active_days_high"]}
    return {**basic(cells[0]), **bounds}


def _ask_sessions(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    options: dict[str, Any] = {"pages": "page_view", "key_events": ""}
    for name, option in (("gap_s", "gap_seconds"), ("gap_seconds", "gap_seconds")):
        if name in given:
            options[option] = given[name]
    return [("session_metrics", {"options": options})]


def _visits(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    d = cells[0].details
    return {**d, "avg_duration_s": cells[0].value, "median_duration_s": d["median_seconds"]}


def _measured(given: Mapping[str, Any]) -> dict[str, Rows]:
    return {
        "events": [
            {"id": f"{i}", "at": WHEN, "name": "Web Vital Measured", "metric": given["metric"], "value": v}
            for i, v in enumerate(given["samples"])
        ]
    }


def _ask_vitals(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if given["metric"] == "CLS":
        return [("layout_shift", {})]
    return [("web_vitals", {"options": {"metric": given["metric"]}})]


def _vitals(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    return {**basic(cells[0]), "p75": cells[0].value}


def _counted(given: Mapping[str, Any]) -> dict[str, Rows]:
    return {
        "events": [
            {"id": f"{i}", "at": WHEN, "customer": u.get("unit_id", f"{i}"), "name": "Requests Counted", **u}
            for i, u in enumerate(given["units"])
        ]
    }


def _ended(given: Mapping[str, Any]) -> dict[str, Rows]:
    return {
        "events": [
            {"id": f"{i}", "session": f"{i}", "at": WHEN, "customer": s["user_id"], "name": "Session Ended",
             "status": s["status"]}
            for i, s in enumerate(given["sessions"])
        ]
    }  # fmt: skip


def _crash_free(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    users, d = cells[0], cells[0].details
    return {
        **d, "crash_free_users": users.value, "cfu_ci_low": users.low, "cfu_ci_high": users.high,
        "cfs_ci_low": d["sessions_low"], "cfs_ci_high": d["sessions_high"],
    }  # fmt: skip


ADAPTERS: dict[str, Adapter] = {
    "activation_rate": Adapter(_signups, _ask_activation, _activation),
    "feature_adoption": Adapter(_features, _ask_features, _adoption),
    "stickiness": Adapter(happened, asks("stickiness"), _sticky),
    "session_metrics": Adapter(happened, _ask_sessions, _visits),
    "web_vitals": Adapter(_measured, _ask_vitals, _vitals),
    "crash_free": Adapter(_ended, asks("crash_free_sessions"), _crash_free),
    "error_rate": Adapter(_counted, asks("error_rate"), first),
}
