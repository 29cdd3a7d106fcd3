"""Both promises of the alerts, with their intervals: simulated companies, and the demo company with its own causes."""

from datetime import date

from rich.console import Console
from rich.table import Table

from bench import alert_demo
from bench.alert_scores import FALSE_A_MONTH, FOUND, OTHERS, SEEDS, Score, judged
from percorso.analytics.store import Store
from percorso.demo import fill

KINDS = ("step", "ramp", "spike", "outage", "demo")
UNTIL = date(2026, 8, 1)


def compare(console: Console) -> bool:
    """Print how many causes are found within two weeks and how many messages are false; return whether both hold."""
    table = Table(
        "twenty indicators daily, default setting", "causes", "found in two weeks", *KINDS, "messages a cause", "false a month"
    )  # fmt: skip
    tested, demo = judged(SEEDS), _demo(console)
    quiet = judged(SEEDS, causes=False)
    _row(table, f"{len(SEEDS)} companies (as in the tests)", tested)
    _row(table, "the same without causes", quiet)
    _row(table, "the demo company", demo)
    _row(table, "all of these with causes", tested + demo)
    others, others_quiet = judged(OTHERS), judged(OTHERS, causes=False)
    _row(table, f"{len(OTHERS)} other companies", others)
    _row(table, "the same without causes", others_quiet)
    console.print(table)
    kept = all(score.share[0] >= FOUND for score in (tested + demo, others))
    kept &= all(score.a_month[0] <= FALSE_A_MONTH for score in (tested, demo, quiet, others, others_quiet))
    console.print(
        f"targets: at least {FOUND:.0%} found, at most {FALSE_A_MONTH:.0f} false message a month"
        + ("" if kept else "  MISSED"),
        style=None if kept else "red",
    )
    return kept


def _demo(console: Console) -> Score:
    with Store.open(":memory:") as store:
        truth = fill(store, "demo", until=UNTIL)
        series, mix = alert_demo.watched(store, UNTIL), alert_demo.carriers(store, UNTIL)
    score, found, false = alert_demo.judge(truth, series, mix)
    missed = [name for name, there in found.items() if not there]
    console.print(
        f"demo company: found {', '.join(n for n in found if n not in missed)}; missed {', '.join(missed) or '–'}"
    )
    for message in false:
        lead = message.lead
        console.print(f"  false: {message.told} {lead.series.indicator} {lead.firing.direction} ({lead.alert})")
    return score


def _row(table: Table, name: str, score: Score) -> None:
    value, low, high = score.a_month
    rate = f"{value:.2f} [{low:.2f}–{high:.2f}]"
    if not score.causes.total():
        table.add_row(name, "0", *[""] * (2 + len(KINDS)), rate)
        return
    share, least, most = score.share
    kinds = [f"{score.found[k] / score.causes[k]:.0%}" if score.causes[k] else "" for k in KINDS]
    a_cause = f"{score.true / score.found.total():.1f}"
    table.add_row(name, str(score.causes.total()), f"{share:.1%} [{least:.1%}–{most:.1%}]", *kinds, a_cause, rate)
