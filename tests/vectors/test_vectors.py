"""All shared vectors of the families that are built pass; the others are skipped, never passed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.vectors.runner import load, run

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "../shared/spec/vectors"
# Attribution, key drivers and churn models have their own work.
LATER = {
    "markov_attribution", "shapley_attribution", "touch_attribution", "key_drivers", "churn_model_eval",
}  # fmt: skip

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared vectors are not beside the checkout")


def test_every_vector_of_the_built_families_passes() -> None:
    outcomes = list(run(load([FOLDER])))
    failures = [line for o in outcomes for line in o.differences or ()]
    skipped = {o.id.partition("/")[0] for o in outcomes if o.differences is None}
    assert failures == []
    assert skipped == LATER


def test_the_command_names_failures_and_closes_with_the_counts(tmp_path: Path) -> None:
    wrong = (
        '{"id": "w/1", "indicator": "wilson_interval", "input": {"successes": 1, "n": 2}, "expected": {"value": 0.4}}'
    )
    later = '{"id": "x/1", "indicator": "not_built_yet", "input": {}, "expected": {"value": 1}}'
    (tmp_path / "some.json").write_text(f"[{wrong}, {later}]")
    told = subprocess.run(
        [sys.executable, "-m", "tests.vectors", str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert told.returncode == 1
    assert told.stdout.splitlines() == [
        "FAILED w/1: value: expected 0.4, got 0.5",
        "0 passed, 1 failed, 1 skipped",
    ]


def test_a_wrong_path_says_so() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.vectors", "no-such-folder"], cwd=ROOT, capture_output=True, text=True
    )
    assert told.returncode == 2
    assert "no such file: no-such-folder" in told.stdout
