"""The examples of figures that the OpenAPI document shows; the tests carry them out and compare."""

from typing import Any

INDICATOR: dict[str, Any] = {
    "key": "csat",
    "label": "Customer Satisfaction Score",
    "about": "What share of customers were satisfied with this interaction or product?",
    "formula": "answers in the top two boxes of the scale / valid answers; 4–5 of 1–5, 6–7 of 1–7, 9–10 of 1–10",
    "table": "answers",
    "family": "surveys",
    "unit": "share",
    "better": "higher",
    "minimum_n": 30,
    "level": "tactical",
    "kind": "product",
    "nature": "lagging",
    "signal": False,
    "exclusions": [
        "Answers off the scale, not a whole number or not given are left out and counted; nothing is clamped."
    ],
    "traps": [
        "The top two boxes of a 1–10 scale are stricter than those of 1–5: never compare figures across scales.",
        "Those who answer are happier or angrier than the rest: read it with the response rate.",
        "A mean over mixed scales means nothing and is not shown.",
    ],
    "literature": [
        "Fornell C and others (1996) The American Customer Satisfaction Index, Journal of Marketing 60",
        "Wilson E (1927) Probable inference, the law of succession, and statistical inference, "
        "Journal of the American Statistical Association 22",
    ],
    "breakdowns": ["channel", "touchpoint", "team", "agent", "language", "customer.country"],
    "options": [
        {
            "name": "top_n",
            "about": "how many boxes from the top count as satisfied",
            "default": 2,
            "choices": [1, 2, 3],
        },
        {
            "name": "latest_per",
            "about": "count only the latest valid answer of each customer (relational surveys), or of each interaction",
            "default": "answer",
            "choices": ["answer", "customer", "interaction"],
        },
    ],
    "version": 1,
    "history": [{"version": 1, "since": "2026-11-22", "about": "First definition."}],
}
QUESTION: dict[str, Any] = {
    "indicators": ["csat"],
    "from": "2026-01-01",
    "to": "2026-01-31",
    "by": ["channel"],
    "segment": {"channel": ["email"]},
}
ANSWER: dict[str, Any] = {
    "from": "2026-01-01",
    "to": "2026-01-31",
    "time_zone": "America/Sao_Paulo",
    "cells": [
        {
            "indicator": "csat",
            "start": None,
            "by": {"channel": "email"},
            "value": 0.75,
            "low": 0.300642,
            "high": 0.954413,
            "n": 4,
            "status": "low_sample",
            "details": {
                "numerator": 3,
                "denominator": 4,
                "bottom_box": 0.25,
                "mean_0_100": 75.0,
                "mean": 4.0,
                "mean_low": 1.74967,
                "mean_high": 5.0,
                "mean_note": "t",
                "n_missing": 0,
                "n_invalid": 0,
                "n_duplicates": 0,
            },
            "change": None,
        }
    ],
    "sql": None,
}
ANNOTATION: dict[str, Any] = {"id": 1, "day": "2026-01-15", "text": "New carrier", "indicator": ""}
