"""Medians over parts are those of all rows together, by NumPy's own median."""

import numpy as np
import pytest

from percorso.analytics.behaviour.medians import Part, Rows, medians, part_of


def by_numpy(groups: np.ndarray, values: np.ndarray) -> tuple[list[int], list[int], list[float]]:
    known = np.unique(groups)
    return (
        known.tolist(),
        [int((groups == g).sum()) for g in known],
        [float(np.median(values[groups == g])) for g in known],
    )


@pytest.mark.parametrize("seed", range(40))
def test_as_numpy_tells_them(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, most = int(random.integers(1, 400)), int(random.choice([2, 9, 1_000_000]))
    groups = random.choice([0, 1, 5, 40, 3_000], n)
    # Parts that differ: some have no rows, some not every group, one only small values.
    values, cuts = random.integers(0, most, n), np.sort(random.integers(0, n + 1, int(random.integers(0, 5))))
    values[: n // 4] //= 100_000
    parts = [part_of(g, v) for g, v in zip(np.split(groups, cuts), np.split(values, cuts), strict=True)]
    assert all(isinstance(part, Part) for part in parts)
    found = medians(parts)
    assert tuple(column.tolist() for column in found) == by_numpy(groups, values)


def test_of_numbers_that_fit_no_word_together() -> None:
    groups = np.array([2**40, 3, 3, 2**40, 3, 3])
    values = np.array([2**30, 7, 2**41, 1, 9, 8])
    parts = [part_of(groups[:3], values[:3]), part_of(groups[3:5], values[3:5]), part_of(groups[5:], values[5:])]
    assert isinstance(parts[0], Rows)
    assert isinstance(parts[1], Part)
    assert tuple(column.tolist() for column in medians(parts)) == by_numpy(groups, values)
    # Each fits alone, but not the groups of the one beside the values of the other.
    parts = [part_of(np.array([2**40]), np.array([4])), part_of(np.array([3]), np.array([2**41]))]
    assert all(isinstance(part, Part) for part in parts)
    assert [column.tolist() for column in medians(parts)] == [[3, 2**40], [1, 1], [float(2**41), 4.0]]
