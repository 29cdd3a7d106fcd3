"""What a score can measure: the metrics that indicators read, their usual scales and whom they are asked."""

from dataclasses import dataclass

from percorso.i18n import mark
from percorso.sources.words import likeness, plain

Bound = float | None


@dataclass(frozen=True)
class Metric:
    """One metric: `low` and `high` of its scale, None where the file has to say; `scales` that are usual besides.

    `population` is who is asked when nothing else is said. `unscaled` : its values are on no scale (seconds).
    `items` : its answers count together with others of the same response. `aspects` : the parts that it asks about, by words that the columns of a wide file are named with.
    """

    label: str
    low: Bound
    high: Bound
    scales: tuple[tuple[float, float], ...] = ()
    population: str | None = None
    unscaled: bool = False
    items: bool = False
    aspects: tuple[tuple[str, str], ...] = ()


METRICS: dict[str, Metric] = {
    "nps": Metric(mark("NPS"), 0, 10, ((1, 10),)),
    "enps": Metric(mark("Employees' NPS (eNPS)"), 0, 10, population="employee"),
    "csat": Metric(mark("Satisfaction (CSAT)"), 1, 5, ((0, 5), (1, 3), (1, 4), (1, 7), (1, 10), (0, 10), (0, 100), (0, 1))),
    "sps": Metric(mark("Partners' satisfaction (SPS)"), 1, 5, ((1, 7), (1, 10)), population="partner"),
    "ces": Metric(mark("Effort (CES)"), 1, 7, ((1, 5),)),
    "fcr": Metric(mark("Solved at first contact (FCR)"), 0, 1),
    "see": Metric(mark("Success, effort, emotion"), 1, 7, items=True, aspects=(
        ("success", "success, sucesso, successo"),
        ("effort", "effort, ease, easy, esforco, facilidade, sforzo, facilita"),
        ("emotion", "emotion, emocao, emozione"),
    )),
    "six_pillars": Metric(mark("Six pillars"), None, None, ((1, 5), (1, 7), (1, 10), (0, 10)), items=True, aspects=(
        ("personalization", "personalization, personalisation, personalizacao, personalizzazione"),
        ("integrity", "integrity, integridade, integrita"),
        ("expectations", "expectations, expectation, expectativas, expectativa, aspettative, aspettativa"),
        ("resolution", "resolution, resolucao, risoluzione"),
        ("time_effort", "time effort, time and effort, tempo e esforco, tempo esforco, tempo e sforzo, tempo sforzo"),
        ("empathy", "empathy, empatia"),
    )),
    "experience": Metric(mark("Experience, as lived and as believed"), None, None, ((1, 5), (1, 7), (1, 10), (0, 10))),
    "servqual_expected": Metric(mark("SERVQUAL: expected"), 1, 7, items=True),
    "servqual_perceived": Metric(mark("SERVQUAL: perceived"), 1, 7, items=True),
    "sus": Metric(mark("System usability (SUS)"), 1, 5, items=True),
    "task_success": Metric(mark("Task done or not"), 0, 1),
    "task_time": Metric(mark("Time on task, in seconds"), None, None, unscaled=True),
    "mystery": Metric(mark("Mystery visit: points of an item"), None, None, ((0, 1), (0, 2), (0, 5), (0, 10))),
    "audit": Metric(mark("CX audit: level of a criterion"), None, None, ((0, 3), (0, 4), (0, 5), (0, 10))),
}  # fmt: skip


def scale_of_metric(metric: str) -> tuple[Bound, Bound]:
    """Return the usual scale of a metric; None where there is none."""
    found = METRICS.get(metric)
    return (_float(found.low), _float(found.high)) if found else (None, None)


def _float(bound: Bound) -> Bound:
    return None if bound is None else float(bound)


def needs_scale(metric: str) -> bool:
    """Whether a metric's scores mean nothing until somebody says their scale."""
    found = METRICS.get(metric)
    return found is not None and found.high is None and not found.unscaled


def aspect_of(metric: str, column: str) -> str | None:
    """Return the aspect that a column of a wide file asks about, told by its name; None when nothing tells.

    Examples
    --------
    >>> aspect_of("see", "Sucesso"), aspect_of("six_pillars", "Time and effort"), aspect_of("nps", "effort")
    ('success', 'time_effort', None)
    """
    words, found = plain(column), METRICS.get(metric)
    ranked = [(likeness(words, listed), aspect) for aspect, listed in (found.aspects if found else ())]
    best, aspect = max(ranked, default=(0.0, ""))
    return aspect if best else None
