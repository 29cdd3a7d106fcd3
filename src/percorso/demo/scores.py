"""From a latent feeling (standard normal when nothing happened) to a score, and what that implies for answers."""

from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

from percorso.demo.arrays import Floats, Ints

# Shares of each score among customers to whom nothing special happened, lowest score first.
CSAT_SHARES = (0.025, 0.03, 0.085, 0.26, 0.60)
CES_SHARES = (0.03, 0.04, 0.06, 0.11, 0.22, 0.30, 0.24)
NPS_SHARES = (0.007, 0.006, 0.008, 0.011, 0.015, 0.031, 0.047, 0.11, 0.20, 0.23, 0.335)
FIVE_SHARES = (0.05, 0.10, 0.25, 0.38, 0.22)
TEN_SHARES = (0.02, 0.02, 0.03, 0.05, 0.08, 0.12, 0.19, 0.24, 0.16, 0.09)
CSAT_UNHAPPY = 2
NPS_UNHAPPY = 6


@lru_cache
def cuts(shares: tuple[float, ...]) -> tuple[float, ...]:
    """The latent values between one score and the next."""
    return tuple(float(x) for x in ndtri(np.cumsum(shares)[:-1] / sum(shares)))


def score(latent: Floats, shares: tuple[float, ...], lowest: int) -> Ints:
    """The score that a latent feeling is answered with."""
    return np.searchsorted(np.array(cuts(shares)), latent).astype(np.int64) + lowest


def answered(
    shares: tuple[float, ...],
    shift: float,
    bias: float,
    gate: tuple[tuple[float, ...], float, int] | None = None,
    correlation: float = 1.0,
) -> Floats:
    """Shares of each score among the answers, by integrating over the latent feeling.

    Parameters
    ----------
    shares : score shares when nothing happened; shift : how far the latent feeling is moved, in standard deviations.
    bias : how many times likelier an unhappy person answers.
    gate : shares, shift and number of lowest scores that make "unhappy" (default: the same question as scored).
    correlation : between the feeling scored and the one that makes unhappy.
    """
    gate_shares, gate_shift, unhappy = gate or (shares, shift, CSAT_UNHAPPY)
    limit = cuts(gate_shares)[unhappy - 1]
    x = np.linspace(-8, 8, 20_001)
    spread = np.sqrt(max(1 - correlation**2, 1e-12))
    chance = ndtr((limit - gate_shift - correlation * x) / spread)
    weight = np.exp(-(x**2) / 2) * (1 + (bias - 1) * chance)
    found = np.bincount(score(x + shift, shares, 0), weights=weight, minlength=len(shares))
    total: Floats = found / found.sum()
    return total


def unhappy_share(shares: tuple[float, ...], shift: float, unhappy: int) -> float:
    """Share of all people (answering or not) with one of the `unhappy` lowest scores."""
    return float(ndtr(cuts(shares)[unhappy - 1] - shift))
