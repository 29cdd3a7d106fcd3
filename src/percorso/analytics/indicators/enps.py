from percorso.analytics.methods.net import NetPromoter
from percorso.analytics.methods.privacy import without_small_groups
from percorso.analytics.result import Cell
from percorso.i18n import mark


class Enps(NetPromoter):
    label = mark("Employee Net Promoter Score")
    about = mark("Would our employees recommend working here?")
    level, kind, nature = "strategic", "input", "leading"
    metrics = ("nps", "enps")
    population = "employee"
    segments = ("team",)
    exclusions = (
        mark("Answers off the scale, not a whole number or not given are left out and counted; nothing is clamped."),
        mark("Groups of fewer than five are hidden, with the one other group from which they could be worked out."),
    )
    traps = (
        mark(
            "Employees answer what they believe to be safe: say who sees what, and keep groups large enough to hide in."
        ),
        mark("It measures the will to recommend an employer, not how committed people are."),
    )
    literature = (
        "Reichheld F, Markey R (2011) The Ultimate Question 2.0",
        "Rocks B (2016) Interval estimation for the Net Promoter Score, The American Statistician 70",
    )

    def publish(self, cells: list[Cell]) -> list[Cell]:
        return without_small_groups(cells, lambda cell: cell.n)
