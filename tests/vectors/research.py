"""Adapters of research (see `facts`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from percorso.analytics.result import Cell
from tests.vectors.facts import WHEN, Adapter, Rows, asks, basic, first

Given = Mapping[str, Any]
SCALES = {"sus": (1, 5), "see": (1, 7), "servqual_expected": (1, 7), "servqual_perceived": (1, 7)}


def _answers(metric: str, told: Iterable[Mapping[str, Any]], scale: Any = None) -> Rows:
    """Return answers of a metric, numbered in their order."""
    low, high = scale or SCALES.get(metric, (None, None))
    fixed = {"metric": metric, "at": WHEN, "scale_min": low, "scale_max": high}
    return [{"id": f"{metric}-{i:06}", **fixed, **row} for i, row in enumerate(told)]


def _sus(given: Given) -> dict[str, Rows]:
    told = [
        {"interaction": f"{i:06}", "question": f"q{k + 1}", "score": score}
        for i, response in enumerate(given["responses"])
        for k, score in enumerate(response)
    ]
    return {"answers": _answers("sus", told)}


def _six_pillars(given: Given) -> dict[str, Rows]:
    told = [
        {"customer": f"{i:06}", "aspect": pillar, "score": score}
        for i, response in enumerate(given["responses"])
        for pillar, score in response.items()
        if pillar != "respondent_id"
    ]
    return {"answers": _answers("six_pillars", told, given["scale"])}


def _ask_six_pillars(given: Given) -> list[tuple[str, dict[str, Any]]]:
    if not given.get("weights"):
        return [("six_pillars_index", {})]
    names, weights = given["weights"].keys(), given["weights"].values()
    options = {"pillars": ", ".join(names), "weights": ", ".join(map(str, weights))}
    return [("six_pillars_index", {"options": options})]


def _read_six_pillars(given: Given, cells: list[Cell]) -> dict[str, Any]:
    return {**basic(cells[0]), "n": cells[0].details["answers"]}


def _see(given: Given) -> dict[str, Rows]:
    told = [
        {"customer": f"{i:06}", "aspect": pillar, "score": score}
        for pillar in ("success", "effort", "emotion")
        for i, score in enumerate(given[pillar])
    ]
    return {"answers": _answers("see", told)}


def _gap(given: Given) -> dict[str, Rows]:
    sides = (("believed", "employee"), ("perceived", "customer"))
    told = [{"population": side, "score": score} for name, side in sides for score in given[name]]
    return {"answers": _answers("experience", told, given["scale"])}


def _servqual(given: Given) -> dict[str, Rows]:
    dimensions = {item: name for name, items in given["dimensions"].items() for item in items}
    rows = []
    for side in ("expected", "perceived"):
        told = [
            {"interaction": f"{i:06}", "question": item, "aspect": dimensions.get(item), "score": score}
            for i, response in enumerate(given[side])
            for item, score in response.items()
        ]
        rows += _answers(f"servqual_{side}", told)
    return {"answers": rows}


def _ask_servqual(given: Given) -> list[tuple[str, dict[str, Any]]]:
    options = {"dimensions": ", ".join(given["dimensions"])}
    if given.get("weights"):
        options["weights"] = ", ".join(str(given["weights"][name]) for name in given["dimensions"])
    return [("servqual_gap", {"options": options})]


def _visits(given: Given) -> dict[str, Rows]:
    told = [
        {
            "interaction": f"{i:06}", "question": f"{k:06}", "score": item["points"], "scale_max": item["max"],
            "weight": item["weight"], "option": "critical" if item.get("critical") else None,
        }
        for i, visit in enumerate(given["visits"])
        for k, item in enumerate(visit or [{"points": None, "max": 1, "weight": 1}])
    ]  # fmt: skip
    return {"answers": _answers("mystery", told)}


def _ask_visits(given: Given) -> list[tuple[str, dict[str, Any]]]:
    rule = {"critical_rule": given["critical_rule"]} if "critical_rule" in given else {}
    return [("mystery_shopping_score", {"options": {"each": True, **rule}})]


def _audit(given: Given) -> dict[str, Rows]:
    told = [
        {
            "interaction": "audit", "touchpoint": place["id"], "question": f"{k:06}", "score": rating,
            "weight": place.get("weight"),
        }
        for place in given["touchpoints"]
        for k, rating in enumerate(place["ratings"] or [None])
    ]  # fmt: skip
    return {"answers": _answers("audit", told, (0, given.get("max_level", 4)))}


def _outcomes(given: Given) -> dict[str, Rows]:
    told = [{"score": None if done is None else int(done)} for done in given["outcomes"]]
    return {"answers": _answers("task_success", told, (0, 1))}


def _seconds(given: Given) -> dict[str, Rows]:
    return {"answers": _answers("task_time", [{"score": seconds} for seconds in given["seconds"]])}


ADAPTERS: dict[str, Adapter] = {
    "sus": Adapter(_sus, asks("sus", each=True), first),
    "six_pillars_index": Adapter(_six_pillars, _ask_six_pillars, _read_six_pillars),
    "see_index": Adapter(_see, asks("see_index"), first),
    "experience_gap": Adapter(_gap, asks("experience_gap"), first),
    "servqual_gap": Adapter(_servqual, _ask_servqual, first),
    "mystery_shopping_score": Adapter(_visits, _ask_visits, first),
    "cx_audit_score": Adapter(_audit, asks("cx_audit_score"), first),
    "task_success_rate": Adapter(_outcomes, asks("task_success_rate"), first),
    "time_on_task": Adapter(_seconds, asks("time_on_task"), first),
}
