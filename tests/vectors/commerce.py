"""Adapters of commerce and of closing the loop (see `facts`)."""

from collections.abc import Mapping
from typing import Any

from percorso.analytics.result import Cell
from tests.vectors.facts import WHEN, Adapter, Rows, asks, basic, first
from tests.vectors.revenue import subscribed

ACTS = {"referral": "Referral Sent", "review": "Review Posted", "reference": "Reference Given"}


def _named(name: str, rows: Rows, **names: str) -> Rows:
    """Return events called `name`; `names` are the columns that the vector calls otherwise."""
    moved = [{names.get(k, k): v for k, v in row.items()} for row in rows]
    return [{"id": f"{name} {i:06}", "name": name, **row} for i, row in enumerate(moved)]


def _visits(given: Mapping[str, Any]) -> dict[str, Rows]:
    sessions = _named("Page Viewed", given["sessions"], visitor_id="customer", started_at="at", session_id="session")
    return {"events": sessions + _named("Order Completed", given["conversions"], visitor_id="customer")}


def _ask_conversion(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("conversion_rate", {"options": {k: given[k] for k in ("window_hours",) if k in given}})]


def _carts(given: Mapping[str, Any]) -> dict[str, Rows]:
    carts = [{**cart, "cart_id": str(cart["cart_id"])} for cart in given["carts"]]
    bought = [{"cart_id": c["cart_id"], "at": c["purchased_at"]} for c in carts if c["purchased_at"]]
    added = [{"cart_id": c["cart_id"], "at": c["created_at"]} for c in carts]
    return {"events": _named("Product Added", added) + _named("Order Completed", bought)}


def _referrals(given: Mapping[str, Any]) -> dict[str, Rows]:
    return {**subscribed(given), "events": _named("Referral Sent", given["referrals"], customer_id="customer")}


def _bought(given: Mapping[str, Any]) -> dict[str, Rows]:
    people = given["customers"]
    orders = [{"customer": c["customer_id"], **p} for c in people for p in c.get("purchases", ())]
    upgrades = [{"customer": c["customer_id"], "at": at} for c in people for at in c.get("upgrades", ())]
    return {
        **subscribed(given),
        "orders": [{"id": str(i), **order} for i, order in enumerate(orders)],
        "events": _named("Plan Upgraded", upgrades),
    }


def _sold(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    cross, up = cells
    return {
        "cross_sell_rate": cross.value, "cross_ci_low": cross.low, "cross_ci_high": cross.high,
        "upsell_rate": up.value, "up_ci_low": up.low, "up_ci_high": up.high, "n": cross.n,
    }  # fmt: skip


def _promoters(given: Mapping[str, Any]) -> dict[str, Rows]:
    names = {"customer_id": "customer", "submitted_at": "at"}
    answers = [{names.get(k, k): v for k, v in r.items()} for r in given["responses"]]
    acts = [
        _named(ACTS.get(a.get("kind"), "Referral Sent"), [a], customer_id="customer")[0] for a in given["advocacy_acts"]
    ]
    return {
        "answers": [{"id": f"{i:06}", "metric": "nps", **answer} for i, answer in enumerate(answers)],
        "events": [{**act, "id": f"{i:06}"} for i, act in enumerate(acts)],
    }


def _experiences(given: Mapping[str, Any]) -> dict[str, Rows]:
    # A bad interaction is one that was called not solved.
    return {
        "answers": [
            {"id": f"{c['customer_id']} {i:06}", "customer": c["customer_id"], "at": one.get("at", WHEN), "metric": "fcr",
             "score": 0 if one["bad"] else 1}
            for c in given["customers"] for i, one in enumerate(c["interactions"])
        ]
    }  # fmt: skip


def _ask_streak(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    days = None if "period" not in given and "as_of" not in given else 180
    return [("bad_experience_streak_rate", {"options": {"k": given.get("k", 2), "days": days}})]


def _cases(given: Mapping[str, Any]) -> dict[str, Rows]:
    cases = [{"opened_at" if k == "created_at" else k: v for k, v in alert.items()} for alert in given["alerts"]]
    return {"cases": [{"id": str(i), **case} for i, case in enumerate(cases)]}


def _closed(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    return {**basic(cells[0]), "median_time_to_close_s": cells[0].details["median_time_to_close"]}


ADAPTERS = {
    "conversion_rate": Adapter(_visits, _ask_conversion, first),
    "cart_abandonment_rate": Adapter(_carts, asks("cart_abandonment_rate"), first),
    "referral_rate": Adapter(_referrals, asks("referral_rate"), first),
    "cross_sell_upsell": Adapter(_bought, asks("cross_sell_rate", "upsell_rate"), _sold),
    "promoter_advocacy_rate": Adapter(_promoters, asks("promoter_advocacy_rate"), first),
    "bad_experience_streak_rate": Adapter(_experiences, _ask_streak, first),
    "closed_loop_rate": Adapter(_cases, asks("closed_loop_rate"), _closed),
}
