"""A picture of the overall cap: messages on a line of days, the period that counts, the one that has to wait."""

from dataclasses import dataclass

from percorso.outreach.models import ContactPolicy

# More would not be told apart.
MOST_DRAWN = 8
WIDTH, LEFT = 560.0, 20.0


@dataclass(frozen=True)
class Picture:
    """Where marks stand on the line, in units of a drawing that is 600 wide."""

    sent: list[float]
    held: float
    again: float
    start: float
    width: float
    days: int


def picture_of(row: ContactPolicy) -> Picture | None:
    """Return the drawing of a policy; None when there is no cap to draw, or one that lets nothing out."""
    if not row.most:
        return None
    n = min(row.most, MOST_DRAWN)
    period = WIDTH * 0.66
    step = period * 0.72 / (n + 1)
    sent = [round(LEFT + 16 + i * step, 1) for i in range(n)]
    return Picture(sent, round(sent[-1] + step, 1), round(sent[0] + period, 1), sent[0], round(period, 1), row.days)
