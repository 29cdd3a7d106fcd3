"""The steps of each visit, by their names in Segment's e-commerce list, in the order they happen."""

import numpy as np

from percorso.demo import company
from percorso.demo.arrays import Flags, Ints, choose
from percorso.demo.visits import FEATURES, Visits

NAMES = (
    "Application Opened",
    "Signed Up",
    "Signed In",
    "Account Added User",
    "Page Viewed",
    "Products Searched",
    "Product Viewed",
    "Product Added",
    "Product Removed",
    "Cart Viewed",
    "Coupon Applied",
    "Checkout Started",
    "Checkout Step Viewed",
    "Checkout Step Completed",
    "Payment Info Entered",
    "Error Occurred",
    "Order Completed",
    "Feature Used",
    "Invite Sent",
    "Web Vital Measured",
    "Application Crashed",
)
CODE = {name: code for code, name in enumerate(NAMES)}
PAGES = (
    "/",
    "/search",
    "/product",
    "/cart",
    "/checkout",
    "/checkout/payment",
    "/thanks",
    "/account",
    "/sign-up",
)
HOME, SEARCH, PRODUCT, CART, CHECKOUT, PAYMENT, THANKS, ACCOUNT, SIGN_UP = range(9)
REFERRERS = ("search", "social", "recommendation", "marketplace", "newsletter")
VITALS = (("LCP", 2_050.0, 0.45), ("INP", 130.0, 0.6), ("CLS", 0.045, 0.9))
VITAL_SHARE = 0.05
CRASH_SHARE = 0.004
ERROR_SHARE = 0.006
RANKS = 64  # places in a visit


class Steps:
    """Collects steps: which visit, at which place in it, name, page and properties."""

    def __init__(self) -> None:
        self.parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []

    def add(self, visit: Ints, rank: int | Ints, name: str, page: int | Ints, properties: int | Ints = -1) -> None:
        values = (np.broadcast_to(v, len(visit)) for v in (rank, CODE[name], page, properties))
        rank_of, name_of, page_of, properties_of = values
        self.parts.append((visit, rank_of, name_of, page_of, properties_of))

    def sorted(self) -> tuple[Ints, Ints, Ints, Ints]:
        visit, rank, name, page, properties = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        order = np.argsort(visit * RANKS + rank, kind="stable")
        return visit[order], name[order], page[order], properties[order]


def walk(
    rng: np.random.Generator,
    v: Visits,
    begins: dict[str, int],
    country: Ints,
    office: Flags,
    release: Ints,
    made: Ints,
) -> tuple[Ints, Ints, Ints, Ints]:
    steps, n = Steps(), len(v)
    product = begins["product"] + country * len(company.PRODUCTS)
    app, account = np.flatnonzero(v.app), np.flatnonzero(v.account)
    steps.add(app, 0, "Application Opened", HOME, begins["release"] + release[app])
    landing = np.where(v.campaign >= 0, begins["campaign"] + v.campaign, -1)
    sent = (v.campaign < 0) & ~v.app & (rng.random(n) < 0.5)
    landing = np.where(sent, begins["referrer"] + rng.integers(0, len(REFERRERS), n), landing)
    shop = np.flatnonzero(~v.account)
    steps.add(shop, 1, "Page Viewed", HOME, landing[shop])
    signup = np.flatnonzero(v.signup)
    steps.add(signup, 2, "Signed Up", SIGN_UP)
    steps.add(np.flatnonzero(v.signup & office), 3, "Account Added User", SIGN_UP)
    searched = np.flatnonzero(v.searched)
    steps.add(
        searched,
        5,
        "Products Searched",
        SEARCH,
        begins["search"] + 5 * country[searched] + rng.integers(0, 5, len(searched)),
    )
    viewed = np.repeat(np.arange(n), v.views)
    turn = np.arange(len(viewed)) - np.repeat(np.cumsum(v.views) - v.views, v.views)
    others = choose(rng, [p.share for p in company.PRODUCTS], len(viewed))
    steps.add(
        viewed,
        8 + turn,
        "Product Viewed",
        PRODUCT,
        (product[viewed] + np.where(turn == v.views[viewed] - 1, v.product[viewed], others)),
    )
    _account_steps(rng, steps, account, begins)
    _buying_steps(rng, steps, v, begins, product, country, release, made)
    measured = np.flatnonzero(~v.app & (rng.random(n) < VITAL_SHARE))
    for turn_of, _ in enumerate(VITALS):
        steps.add(measured, 7, "Web Vital Measured", np.where(v.account[measured], ACCOUNT, HOME), -2 - turn_of)
    crashed = np.flatnonzero(v.app & ~v.completed & (rng.random(n) < CRASH_SHARE))
    steps.add(crashed, 63, "Application Crashed", HOME, begins["release"] + release[crashed])
    return steps.sorted()


def _account_steps(rng: np.random.Generator, steps: Steps, account: Ints, begins: dict[str, int]) -> None:
    steps.add(account, 2, "Signed In", ACCOUNT)
    steps.add(account, 4, "Page Viewed", ACCOUNT)
    uses = np.minimum(rng.geometric(0.55, len(account)), 4)
    visit = np.repeat(account, uses)
    turn = np.arange(len(visit)) - np.repeat(np.cumsum(uses) - uses, uses)
    feature = choose(rng, [share for _, share in FEATURES], len(visit))
    steps.add(visit, 8 + 2 * turn, "Feature Used", ACCOUNT, begins["feature"] + feature)
    invited = feature == [name for name, _ in FEATURES].index("recommend a friend")
    steps.add(visit[invited], 9 + 2 * turn[invited], "Invite Sent", ACCOUNT)


def _buying_steps(
    rng: np.random.Generator,
    steps: Steps,
    v: Visits,
    begins: dict[str, int],
    product: Ints,
    country: Ints,
    release: Ints,
    made: Ints,
) -> None:
    n = len(v)
    added = np.flatnonzero(v.added)
    steps.add(added, 20, "Product Added", PRODUCT, product[added] + v.product[added])
    removed = np.flatnonzero(v.added & ~v.checkout & (rng.random(n) < 0.25))
    steps.add(removed, 22, "Product Removed", CART, product[removed] + v.product[removed])
    steps.add(np.flatnonzero(v.added & (v.checkout | (rng.random(n) < 0.6))), 21, "Cart Viewed", CART)
    coupon = np.flatnonzero(v.checkout & (v.signup | (v.campaign >= 0)))
    steps.add(coupon, 23, "Coupon Applied", CART, begins["coupon"] + country[coupon])
    checkout = np.flatnonzero(v.checkout)
    steps.add(checkout, 24, "Checkout Started", CHECKOUT)
    steps.add(checkout, 25, "Checkout Step Viewed", CHECKOUT, begins["step"])
    paying = np.flatnonzero(v.completed | v.broken | v.checkout & (rng.random(n) < 0.5))
    steps.add(paying, 26, "Checkout Step Completed", CHECKOUT, begins["step"])
    steps.add(paying, 27, "Checkout Step Viewed", PAYMENT, begins["step"] + 1)
    paid = np.flatnonzero(v.completed | v.broken)
    steps.add(paid, 28, "Payment Info Entered", PAYMENT)
    failed = np.flatnonzero(v.broken)
    steps.add(failed, 30, "Error Occurred", PAYMENT, begins["broken"] + release[failed])
    again = np.flatnonzero(v.broken & (rng.random(n) < 0.5))
    steps.add(again, 31, "Error Occurred", PAYMENT, begins["broken"] + release[again])
    odd = np.flatnonzero(rng.random(n) < ERROR_SHARE)
    steps.add(odd, 18, "Error Occurred", PRODUCT, begins["error"] + release[odd])
    done = np.flatnonzero(v.completed)
    steps.add(done, 40, "Order Completed", THANKS, made[done])
