"""The CDNOW sample of Fader and Hardie, when it is beside the checkout."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parents[4] / "shared/data/cdnow"
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="the CDNOW data is not beside the checkout")


def summary() -> np.ndarray:
    """Return x, t_x, T and the mean value of 2,357 customers, shape (4, n); weeks and dollars."""
    frame = pd.read_parquet(FOLDER / "cdnow_customers_summary_with_transactions.parquet")
    return frame[["x", "t_x", "T", "zbar"]].astype(float).to_numpy().T


def orders() -> list[dict[str, Any]]:
    """Return the 6,919 purchases of 1997 and 1998 as orders, in cents."""
    frame = pd.read_parquet(FOLDER / "CDNOW_sample.parquet")
    at = pd.to_datetime(frame["date"]).dt.strftime("%Y-%m-%dT12:00:00Z")
    cents = (frame["dollar_value"].astype(float) * 100).round().astype(int)
    return [
        {"id": f"o{i}", "customer": customer, "at": moment, "amount": amount, "currency": "USD"}
        for i, (customer, moment, amount) in enumerate(zip(frame["sample_id"], at, cents, strict=True))
    ]
