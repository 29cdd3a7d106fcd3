"""What is true in the demo company: every cause, its size, and what it must look like in the tables."""

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

import numpy as np

from percorso.demo import scores
from percorso.demo.arrays import Floats

NPS_ASPECTS = ("product", "service", "after_sales")  # the question about the company as a whole is the NPS itself


@dataclass(frozen=True)
class Truth:
    """The effects that made the data. Sizes are causal: they act inside the simulation, customer by customer.

    Dates are given as days before `until`; the properties that follow are computed from these numbers by integration,
    not from the simulated rows. Hazards act on the daily risk to leave; shifts on a latent feeling whose standard
    deviation is 1 (see `percorso.demo.scores`).
    """

    until: date
    seed: int = 2026
    scale: float = 1.0

    # A late delivery.
    late_shift: float = -1.2
    late_contact_share: float = 0.30
    late_after_sales_shift: float = -0.7
    late_memory_days: int = 60

    # A first reply by e-mail after its promise.
    slow_hazard_ratio: float = 2.2
    slow_window_days: int = 90
    slow_shift: float = -0.9
    slow_service_shift: float = -0.9

    # A release that breaks the checkout on the web.
    broken_release: str = "4.28.0"
    broken_days_before: int = 150
    broken_days: int = 7
    checkout_completion: float = 0.72
    broken_factor: float = 0.45
    broken_contact_share: float = 0.35
    broken_mention_share: float = 0.10

    # A new carrier in Italy.
    old_carrier: str = "Corriere Appia"
    new_carrier: str = "Via Veloce"
    carrier_days_before: int = 290
    carrier_share: float = 0.7
    carrier_late_points: float = -9.0

    # A bot in front of chat and WhatsApp.
    bot_days_before: int = 400
    help_use: float = 0.45
    help_containment: float = 0.30
    bot_use: float = 0.85
    bot_containment: float = 0.56
    bot_return_share: float = 0.10

    # Patience in the queues: exponential, in seconds.
    phone_patience: float = 300.0
    chat_patience: float = 600.0

    # Who answers surveys.
    response_bias: float = 1.6

    # A price rise for home plans; the Office plan keeps its price.
    price_days_before: int = 230
    price_rise: float = 0.12
    price_hazard_ratio: float = 1.6
    price_window_days: int = 60
    price_nps_shift: float = -0.3

    # One of two Brazilian support teams, to which tickets go at random.
    better_team: str = "Jacarandá"
    other_team: str = "Ipê"
    better_ces_shift: float = 0.45

    # Campaigns by e-mail with a group kept back.
    campaign_days_before: tuple[int, ...] = (690, 590, 480, 370, 260, 190, 75)
    campaign_holdout: float = 0.15
    campaign_lift: float = 0.04
    campaign_window_days: int = 7

    # Unhappy customers are called back; from one day on by a team that does nothing else.
    case_share: float = 0.8
    loop_days_before: int = 210
    loop_in_time_before: float = 0.45
    loop_in_time: float = 0.85
    loop_close_hours_before: float = 168.0
    loop_close_hours: float = 72.0

    # Promoters who recommend in the weeks after their answer, and recommendations that end in an order.
    referral_share: float = 0.15
    referral_conversion: float = 0.25

    # Texts whose tone is read as it is.
    sentiment_right: float = 0.88

    # What a handled contact costs, in cents of the company's currency.
    contact_costs: dict[str, int] = field(default_factory=lambda: {"phone": 1_420, "chat": 910, "whatsapp": 840})

    # A new account area, and a usability study on either side of it.
    account_days_before: int = 120
    account_ease_shift: float = 0.5
    task_success_before: float = 0.62
    task_success: float = 0.88
    task_seconds_before: float = 95.0
    task_seconds: float = 58.0
    sus_before: float = 61.0
    sus: float = 80.0

    # The short survey in the account: who is asked, and how far each feeling lies from the usual one.
    pulse_share: float = 0.12
    see_shifts: dict[str, float] = field(default_factory=lambda: {"success": 0.3, "effort": -0.2, "emotion": 0.1})
    pillar_shifts: dict[str, float] = field(
        default_factory=lambda: {
            "personalization": 0.25,
            "integrity": 0.15,
            "expectations": -0.2,
            "resolution": -0.05,
            "time_effort": -0.3,
            "empathy": 0.1,
        }
    )
    perceived_shifts: dict[str, float] = field(
        default_factory=lambda: {"delivery": -0.35, "service": 0.0, "product": 0.35}
    )
    believed_shifts: dict[str, float] = field(
        default_factory=lambda: {"delivery": 0.45, "service": 0.5, "product": 0.45}
    )
    servqual_shifts: dict[str, float] = field(
        default_factory=lambda: {
            "tangibles": 0.1,
            "reliability": -0.45,
            "responsiveness": -0.3,
            "assurance": 0.0,
            "empathy": 0.15,
        }
    )

    # Mystery visits: probability that a standard is kept, by team. Audits: expected share of the highest level.
    mystery_kept: dict[str, float] = field(default_factory=lambda: {"Ipê": 0.72, "Jacarandá": 0.88})
    audit_level: dict[str, float] = field(
        default_factory=lambda: {"shop": 0.74, "app": 0.8, "support": 0.68, "delivery": 0.6, "account": 0.76}
    )
    audit_account_before: float = 0.45

    # What makes the NPS: weights of the feelings about three aspects, and the level of each.
    nps_weights: dict[str, float] = field(
        default_factory=lambda: {"product": 0.46, "service": 0.32, "after_sales": 0.22}
    )
    nps_shifts: dict[str, float] = field(
        default_factory=lambda: {"product": 0.28, "service": 0.0, "after_sales": -0.12}
    )

    # Probability of promoters and detractors among the employees of each team.
    enps: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "Ipê": (0.30, 0.30),
            "Jacarandá": (0.52, 0.12),
            "Olivo": (0.38, 0.24),
            "Cipresso": (0.40, 0.22),
            "Office Care": (0.45, 0.18),
            "Logistics": (0.28, 0.36),
            "Roastery": (0.55, 0.10),
            "Product and technology": (0.42, 0.20),
            "Data lab": (0.50, 0.25),
        }
    )
    small_team: str = "Data lab"
    small_team_people: int = 4

    # Probability that a partner answers 4 or 5 of 5, by kind of partner.
    sps: dict[str, float] = field(
        default_factory=lambda: {"carrier": 0.62, "roaster": 0.84, "installer": 0.75, "contact centre": 0.70}
    )

    def days_before(self, days: int) -> date:
        """The date that lies `days` before `until`."""
        return self.until - timedelta(days)

    @property
    def bot_from(self) -> date:
        """First day of the bot."""
        return self.days_before(self.bot_days_before)

    @property
    def carrier_from(self) -> date:
        """First day of the new Italian carrier."""
        return self.days_before(self.carrier_days_before)

    @property
    def price_from(self) -> date:
        """First day of the new prices."""
        return self.days_before(self.price_days_before)

    @property
    def broken_from(self) -> date:
        """First day of the broken checkout; it lasts `broken_days`."""
        return self.days_before(self.broken_days_before)

    @property
    def csat_on_time(self) -> float:
        """Share of 4 and 5 among answers about orders delivered on time."""
        return float(scores.answered(scores.CSAT_SHARES, MOOD, self.response_bias)[3:].sum())

    @property
    def csat_late(self) -> float:
        """Share of 4 and 5 among answers about orders delivered late."""
        return float(scores.answered(scores.CSAT_SHARES, MOOD + self.late_shift, self.response_bias)[3:].sum())

    @property
    def late_score_difference(self) -> float:
        """Mean score (1 to 5) of late minus on time, among answers."""
        late = scores.answered(scores.CSAT_SHARES, MOOD + self.late_shift, self.response_bias)
        on_time = scores.answered(scores.CSAT_SHARES, MOOD, self.response_bias)
        return float((late - on_time) @ np.arange(1, 6))

    @property
    def late_response_ratio(self) -> float:
        """Response rate of late over on-time orders: the bias as far as it can be seen."""
        low = [scores.unhappy_share(scores.CSAT_SHARES, s, scores.CSAT_UNHAPPY) for s in (self.late_shift, 0.0)]
        late, on_time = (1 + (self.response_bias - 1) * share for share in low)
        return late / on_time

    @property
    def better_team_ces_points(self) -> float:
        """Mean CES 2.0 (1 to 7) of the better team minus the other, among answers."""
        gate = (scores.CSAT_SHARES, MOOD, scores.CSAT_UNHAPPY)
        means = [
            scores.answered(scores.CES_SHARES, shift, self.response_bias, gate, SERVICE_CORRELATION) @ np.arange(1, 8)
            for shift in (MOOD + self.better_ces_shift, MOOD)
        ]
        return float(means[0] - means[1])

    @property
    def digital_contact_ratio(self) -> float:
        """First human contacts for one need by chat or WhatsApp: with the bot over before it."""
        return (1 - self.bot_use * self.bot_containment) / (1 - self.help_use * self.help_containment)

    @property
    def nps_unaffected(self) -> dict[str, float]:
        """NPS of the company and by aspect among answers of customers without recent trouble."""
        own = SURVIVOR_DISPOSITION * ASPECT_LOADING
        overall = own * NPS_DRIVER_GAIN / self.overall_spread
        gate = (scores.NPS_SHARES, overall, scores.NPS_UNHAPPY + 1)
        found = {"company": scores.answered(scores.NPS_SHARES, overall, self.response_bias, gate)}
        for aspect in NPS_ASPECTS:
            correlation = self.nps_correlation(aspect)
            shift = own + self.nps_shifts[aspect]
            found[aspect] = scores.answered(scores.NPS_SHARES, shift, self.response_bias, gate, correlation)
        return {key: float(100 * (s[9:].sum() - s[:7].sum())) for key, s in found.items()}

    def nps_correlation(self, aspect: str) -> float:
        """Correlation of the feeling about an aspect with the overall one."""
        shared, own = ASPECT_LOADING**2, 1 - ASPECT_LOADING**2
        return float(NPS_DRIVER_GAIN * (shared + own * self.nps_weights[aspect]) / self.overall_spread)

    @property
    def overall_spread(self) -> float:
        """Standard deviation by which the overall feeling is divided, so that it has 1 like every other."""
        shared, own = ASPECT_LOADING**2, 1 - ASPECT_LOADING**2
        drivers = shared + own * sum(w**2 for w in self.nps_weights.values())
        return float(np.sqrt(NPS_DRIVER_GAIN**2 * drivers + NPS_NOISE**2))

    @property
    def enps_points(self) -> dict[str, float]:
        """Expected eNPS of each team."""
        return {team: 100 * (promoters - detractors) for team, (promoters, detractors) in self.enps.items()}

    @property
    def see_points(self) -> dict[str, float]:
        """Net points (6 and 7 minus 1 to 3) of each of the three pillars; `effort_later` is with the new account."""
        shifts = self.see_shifts | {"effort_later": self.see_shifts["effort"] + self.account_ease_shift}
        found = {name: _usual(scores.CES_SHARES, shift) for name, shift in shifts.items()}
        return {name: float(100 * (shares[5:].sum() - shares[:3].sum())) for name, shares in found.items()}

    @property
    def pillar_scores(self) -> dict[str, float]:
        """Mean of each of the six pillars on 0 to 100."""
        return {name: _place(scores.TEN_SHARES, shift + MOOD) for name, shift in self.pillar_shifts.items()}

    @property
    def experience_gaps(self) -> dict[str, float]:
        """What employees believe minus what customers perceive, on 0 to 100."""
        perceived = self.perceived_shifts
        return {
            name: _place(scores.FIVE_SHARES, shift) - _place(scores.FIVE_SHARES, perceived[name] + MOOD)
            for name, shift in self.believed_shifts.items()
        }

    @property
    def servqual_gaps(self) -> dict[str, float]:
        """Perceived minus expected, in points of the scale from 1 to 7."""
        shifts, low = self.servqual_shifts, _place(scores.CES_SHARES, MOOD)
        return {name: 0.06 * (_place(scores.CES_SHARES, shift + MOOD) - low) for name, shift in shifts.items()}

    @property
    def mystery_scores(self) -> dict[str, float]:
        """Expected score of a visit: what is not kept still gets two points of five."""
        return {team: 100 * (kept + 0.4 * (1 - kept)) for team, kept in self.mystery_kept.items()}

    def figures(self) -> dict[str, object]:
        """Every size and every implied figure by name; the parts of a group are named ``group.part``."""
        own = {k: v for k, v in asdict(self).items() if k not in ("until", "seed", "scale")}
        flat: dict[str, object] = {}
        for name, value in (own | {name: getattr(self, name) for name in IMPLIED}).items():
            if isinstance(value, dict):
                flat |= {f"{name}.{part}": each for part, each in value.items()}
            else:
                flat[name] = value
        return flat

    def listed(self) -> dict[str, str]:
        """`figures` as `docs/demo.md` writes them: four digits, the numbers of a list separated by commas."""
        return {
            name: ", ".join(map(_written, value)) if isinstance(value, tuple) else _written(value)
            for name, value in self.figures().items()
        }


def _usual(shares: tuple[float, ...], shift: float) -> Floats:
    """Shares of each score when who is asked answers, whatever they would say."""
    return scores.answered(shares, MOOD + shift, 1.0)


def _place(shares: tuple[float, ...], feeling: float) -> float:
    """Mean score on 0 to 100 of people whose feeling lies so far from the usual one."""
    return float(scores.answered(shares, feeling, 1.0) @ np.linspace(0, 100, len(shares)))


def _written(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


# Unhappy customers leave sooner, so those who are asked are this much happier than a new customer (in standard
# deviations of the disposition; the mean over ten seeds).
SURVIVOR_DISPOSITION = 0.05
# How strongly the customer's disposition is in each feeling; the rest is of the moment.
DISPOSITION_LOADING = 0.4
SERVICE_SHARED = 0.5
MOOD = DISPOSITION_LOADING * SURVIVOR_DISPOSITION
SERVICE_CORRELATION = DISPOSITION_LOADING**2 + SERVICE_SHARED**2
ASPECT_LOADING = 0.5
# A case is contacted in time within these hours; how much the time to close varies (of its logarithm).
CASE_WINDOW_HOURS = 48.0
CLOSE_SIGMA = 0.7
NPS_DRIVER_GAIN = 1.25
NPS_NOISE = 0.5
IMPLIED = (
    "csat_on_time",
    "csat_late",
    "late_score_difference",
    "late_response_ratio",
    "better_team_ces_points",
    "digital_contact_ratio",
    "nps_unaffected",
    "enps_points",
    "see_points",
    "pillar_scores",
    "experience_gaps",
    "servqual_gaps",
    "mystery_scores",
)
