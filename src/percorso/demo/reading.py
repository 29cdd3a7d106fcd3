"""How a classifier reads each text: sentiment and themes. It errs in a known share, for what a text is about is known."""

import numpy as np
import pyarrow as pa

from percorso.demo import texts
from percorso.demo.arrays import Floats, Ints, pick
from percorso.demo.truth import Truth

# The theme of each topic; a question to support (ask_…) is about its topic.
THEMES = {
    "late": "delivery", "fast": "delivery", "damaged": "packaging", "taste": "taste", "taste_good": "taste",
    "price": "price", "fair_price": "price", "slow_reply": "support", "not_solved": "support", "support_good": "support",
    "phone_queue": "waiting", "bot": "bot", "checkout": "checkout", "easy": "shop", "subscription": "subscription",
    "brand": "brand", "fine": "", "suggestion": "assortment", "ask_delivery": "delivery", "ask_product": "product",
    "ask_checkout": "checkout", "ask_billing": "billing", "ask_subscription": "subscription", "ask_account": "account",
    "ask_advice": "advice", "ask_invoice": "billing",
}  # fmt: skip
DIRECTION = {"negative": -1.0, "positive": 1.0, "neutral": 0.0, "ask": 0.0}


def sentiment(rng: np.random.Generator, truth: Truth, topic: Ints) -> Floats:
    """Read the sentiment of texts by the places of their topics in `texts.TOPICS`: what is misread is taken for neutral,
    and what is neutral for positive."""
    true = np.array([DIRECTION[texts.TONES[name]] for name in texts.TOPICS])[topic]
    right = rng.random(len(topic)) < truth.sentiment_right
    read = np.where(right, true, np.where(true == 0, 1.0, 0.0))
    noise = rng.random(len(topic)) - 0.5
    return np.round(read * 0.65 + noise * np.where(read == 0, 0.4, 0.6), 2)


def themes(topic: Ints) -> pa.Array:
    """Return the list of themes of each text as JSON."""
    lists = [f'["{THEMES[name]}"]' if THEMES[name] else "[]" for name in texts.TOPICS]
    return pick(lists, topic)
