"""The examples of analyses that the OpenAPI document shows; the tests carry them out and compare."""

from typing import Any

# What is asked, as it stands behind the address.
ASKED = {
    "analyse_rfm": "?as_of=2026-02-01T03:00:00Z",
    "analyse_retention": "?as_of=2025-03-01T03:00:00Z",
    "analyse_lifetime_value": "?as_of=2026-02-01T03:00:00Z&months=12&margin=0.4",
    "analyse_closed_loop": "?as_of=2026-06-01T03:00:00Z",
    "analyse_sample_size": "?kind=nps&margin=0.05&population=4000&response_rate=0.2",
}
RFM: dict[str, Any] = {
    "as_of": "2026-02-01T03:00:00Z",
    "currency": "EUR",
    "customers": 240,
    "money": 3920498.0,
    "groups": [
        {"segment": "champions", "customers": 62, "share": 0.2583333, "money": 2149695.0, "money_share": 0.5483219, "recency_days": 40.62962, "orders": 8.5, "spent": 29658.0},
        {"segment": "loyal", "customers": 52, "share": 0.2166667, "money": 844996.0, "money_share": 0.2155328, "recency_days": 141.1125, "orders": 4.0, "spent": 11586.5},
        {"segment": "potential_loyalist", "customers": 8, "share": 0.03333333, "money": 36738.0, "money_share": 0.009370748, "recency_days": 99.03969, "orders": 2.0, "spent": 4426.0},
        {"segment": "new", "customers": 0, "share": 0.0, "money": 0.0, "money_share": 0.0, "recency_days": None, "orders": None, "spent": None},
        {"segment": "needs_attention", "customers": 22, "share": 0.09166667, "money": 103443.0, "money_share": 0.02638517, "recency_days": 178.7429, "orders": 1.0, "spent": 3905.0},
        {"segment": "cannot_lose", "customers": 6, "share": 0.025, "money": 130548.0, "money_share": 0.03329883, "recency_days": 344.2788, "orders": 7.5, "spent": 17427.0},
        {"segment": "at_risk", "customers": 32, "share": 0.1333333, "money": 400187.0, "money_share": 0.1020756, "recency_days": 276.7936, "orders": 4.0, "spent": 10080.0},
        {"segment": "about_to_sleep", "customers": 28, "share": 0.1166667, "money": 121849.0, "money_share": 0.03107998, "recency_days": 261.5087, "orders": 1.0, "spent": 3754.5},
        {"segment": "hibernating", "customers": 30, "share": 0.125, "money": 133042.0, "money_share": 0.03393497, "recency_days": 344.9463, "orders": 1.0, "spent": 3768.5},
    ],
}  # fmt: skip
RETENTION: dict[str, Any] = {
    "as_of": "2025-03-01T03:00:00Z",
    "of": "subscriptions",
    "curves": [
        {
            "group": None,
            "customers": 48,
            "events": 2,
            "median_days": None,
            "points": [
                {"days": 0.0, "at_risk": 48, "value": 1.0, "low": 1.0, "high": 1.0},
                {"days": 7.0, "at_risk": 43, "value": 0.9767442, "low": 0.8461554, "high": 0.996691},
                {"days": 14.0, "at_risk": 35, "value": 0.9488372, "low": 0.8093112, "high": 0.9870482},
                {"days": 21.0, "at_risk": 29, "value": 0.9488372, "low": 0.8093112, "high": 0.9870482},
                {"days": 28.0, "at_risk": 23, "value": 0.9488372, "low": 0.8093112, "high": 0.9870482},
                {"days": 35.0, "at_risk": 15, "value": 0.9488372, "low": 0.8093112, "high": 0.9870482},
                {"days": 42.0, "at_risk": 7, "value": 0.9488372, "low": 0.8093112, "high": 0.9870482},
                {"days": 49.0, "at_risk": 2, "value": 0.9488372, "low": 0.8093112, "high": 0.9870482},
            ],
            "p_value": None,
            "difference": None,
        },
    ],
}  # fmt: skip
FORECAST: dict[str, Any] = {
    "as_of": "2026-02-01T03:00:00Z",
    "status": "ok",
    "currency": "EUR",
    "customers": 240,
    "repeating": 185,
    "months": 12,
    "margin": 0.4,
    "monthly_discount": 0.01,
    "expected": 402.6247,
    "value": 469523.6,
    "top_share": 0.4995256,
    "buying": {"r": 0.5037495, "alpha": 1.501259, "a": 2.423772, "b": 13.97444},
    "spending": {"p": 3.88297, "q": 9.352859, "v": 6598.58},
    "buying_converged": True,
    "spending_converged": True,
    "correlation": 0.06761411,
    "related": False,
    "mean_value": 3067.463,
    "bands": [
        {"kind": "buying", "customers": 45, "expected": 244.5058, "value": 283139.3},
        {"kind": "unsure", "customers": 40, "expected": 95.10328, "value": 110016.6},
        {"kind": "gone", "customers": 100, "expected": 29.72342, "value": 37950.42},
        {"kind": "once", "customers": 55, "expected": 33.29217, "value": 38417.36},
    ],
    "hold_out": [
        {"week": 1, "came": 18.0, "expected": 27.96926},
        {"week": 2, "came": 43.0, "expected": 53.95005},
        {"week": 3, "came": 70.0, "expected": 78.21862},
        {"week": 4, "came": 84.0, "expected": 100.9906},
        {"week": 5, "came": 106.0, "expected": 122.4391},
        {"week": 6, "came": 126.0, "expected": 142.7062},
        {"week": 7, "came": 146.0, "expected": 161.9105},
        {"week": 8, "came": 175.0, "expected": 180.1525},
        {"week": 9, "came": 185.0, "expected": 197.5182},
        {"week": 10, "came": 198.0, "expected": 214.0822},
        {"week": 11, "came": 217.0, "expected": 229.9095},
        {"week": 12, "came": 233.0, "expected": 245.0573},
        {"week": 13, "came": 250.0, "expected": 259.5763},
        {"week": 14, "came": 258.0, "expected": 273.5115},
        {"week": 15, "came": 271.0, "expected": 286.9033},
        {"week": 16, "came": 283.0, "expected": 299.7881},
        {"week": 17, "came": 300.0, "expected": 312.1985},
        {"week": 18, "came": 315.0, "expected": 324.1643},
        {"week": 19, "came": 328.0, "expected": 335.7125},
        {"week": 20, "came": 343.0, "expected": 346.8678},
        {"week": 21, "came": 351.0, "expected": 357.6527},
        {"week": 22, "came": 362.0, "expected": 368.088},
        {"week": 23, "came": 377.0, "expected": 378.1927},
        {"week": 24, "came": 391.0, "expected": 387.9844},
        {"week": 25, "came": 395.0, "expected": 397.4793},
        {"week": 26, "came": 407.0, "expected": 406.6925},
    ],
    "error": -0.0007555023,
}  # fmt: skip
LOOP: dict[str, Any] = {
    "as_of": "2026-06-01T03:00:00Z",
    "question": "nps",
    "compared": [
        {
            "first_from": 0, "first_to": 6, "status": "ok", "effect": 2.95, "low": 2.7437, "high": 3.1563, "p_value": 6.715151e-43,
            "contacted": {"customers": 40, "answered": 40, "before": 2.95, "after": 7.225, "recovered": 24, "recovered_share": 0.6, "recovered_low": 0.4459589, "recovered_high": 0.7365167},
            "others": {"customers": 41, "answered": 40, "before": 2.9, "after": 4.225, "recovered": 7, "recovered_share": 0.175, "recovered_low": 0.08745414, "recovered_high": 0.3194999},
        },
        {
            "first_from": 0, "first_to": 3, "status": "low_sample", "effect": 2.971014, "low": 2.691308, "high": 3.250721, "p_value": 3.283597e-25,
            "contacted": {"customers": 23, "answered": 23, "before": 1.434783, "after": 5.73913, "recovered": 7, "recovered_share": 0.3043478, "recovered_low": 0.1560402, "recovered_high": 0.5086576},
            "others": {"customers": 25, "answered": 24, "before": 1.5, "after": 2.833333, "recovered": 0, "recovered_share": 0.0, "recovered_low": 0.0, "recovered_high": 0.1379762},
        },
        {
            "first_from": 4, "first_to": 6, "status": "low_sample", "effect": 2.922794, "low": 2.596364, "high": 3.249224, "p_value": 6.504528e-18,
            "contacted": {"customers": 17, "answered": 17, "before": 5.0, "after": 9.235294, "recovered": 17, "recovered_share": 1.0, "recovered_low": 0.8156819, "recovered_high": 1.0},
            "others": {"customers": 16, "answered": 16, "before": 5.0, "after": 6.3125, "recovered": 7, "recovered_share": 0.4375, "recovered_low": 0.2309865, "recovered_high": 0.6682144},
        },
    ],
}  # fmt: skip
SAMPLE: dict[str, Any] = {"n": 1111, "n_infinite": 1537, "invitations": 5555, "feasible": False, "each_of_two_groups": 6280}  # fmt: skip
