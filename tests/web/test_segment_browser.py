"""Segment's own client for browsers, unchanged, in a real page: what it sends becomes facts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from percorso.sources.tracking.endpoint import Tracking
from tests.web.browser import chromium
from tests.web.tracked import Site, browser, site, until, visiting

__all__ = ["browser", "site"]
CLIENT = Path(__file__).parents[2] / "frontend" / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"
pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not CLIENT.exists(), reason="Segment's client is not installed: `npm ci` in frontend/"),
]
USED = """
const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: "KEY", cdnURL: "HOST" });
analytics.page("Home");
analytics.track("Product Added", { cart_id: "c1", price: 12.5 });
analytics.identify("u1", { email: "ana@example.com" });
analytics.group("acme", { name: "Acme" });
analytics.track("Order Completed", { total: 12.5 });
"""


def hold(site: Site) -> None:
    """Let the site's pages use the client as its documentation says, with percorso's host and key."""
    site.policy = ""
    site.files |= {f"/{file.name}": ("text/javascript", file.read_bytes()) for file in CLIENT.glob("*.js")}
    used = USED.replace("KEY", site.source.key).replace("HOST", site.host)
    site.files["/used.js"] = "text/javascript", used.encode()
    site.head = '<script src="/index.js"></script><script src="/used.js"></script>'


def test_what_it_sends_becomes_facts(browser: Browser, site: Site) -> None:
    hold(site)
    asked: list[str] = []
    with visiting(browser, site) as visit:
        visit.page.on("request", lambda request: asked.append(request.url))
        visit.page.goto(f"{site.address}/cart?utm_source=letter&utm_campaign=May")
        site.comes("Page Viewed", "Product Added", "Order Completed")
        visit.page.reload()
        site.comes(*["Page Viewed", "Product Added", "Order Completed"] * 2)
    assert {url.split("/")[2] for url in asked} == {site.address.split("/")[2], site.host.split("/")[2]}
    rows = site.events()
    assert {(row["page"], row["channel"], row["device"], row["customer"]) for row in rows} == {("/cart", "web", "desktop", "u1")}  # fmt: skip
    (added, *_) = (row["properties"] for row in rows if row["name"] == "Product Added")
    assert (added["cart_id"], added["price"]) == ("c1", 12.5)
    assert added["context"]["campaign"] == {"source": "letter", "name": "May"}


def test_what_it_could_not_send_it_sends_later_and_it_counts_once(browser: Browser, site: Site) -> None:
    hold(site)
    refused, asked = [], set[str]()
    with visiting(browser, site, quiet=False) as visit:

        def answer(route: Any) -> None:
            refused.append(route.request.url)
            headers = {
                "Retry-After": "1",
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Retry-After",
            }
            route.fulfill(status=429, headers=headers, body="{}")

        visit.page.route(re.compile(r"/v1/[a-z]$"), answer, times=3)
        visit.page.on("request", lambda request: asked.add(request.url.split("/")[2]))
        visit.page.goto(site.address)
        # A page that is waited for answers meanwhile; one that is slept for does not.
        until(lambda: visit.page.wait_for_timeout(100) or len(site.names()) == 3, 40)
        site.comes("Page Viewed", "Product Added", "Order Completed")
    assert len(refused) == 3
    # Nothing goes to Segment, nor what the client measures of its own failures.
    assert asked == {site.address.split("/")[2], site.host.split("/")[2]}


def test_where_it_sends_to_behind_a_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/v1/projects/{site.source.key}/settings",
        "HTTP_HOST": "percorso.example",
    }
    told = []
    for proxies in ("0", "1"):
        monkeypatch.setenv("PERCORSO_PROXIES", proxies)
        (answer,) = Tracking(lambda *_: [])(
            {**environ, "wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"}, lambda *_: None
        )
        told.append(json.loads(answer)["integrations"]["Segment.io"])
    assert [(one["protocol"], one["apiHost"]) for one in told] == [
        ("http", "percorso.example/v1"),
        ("https", "percorso.example/v1"),
    ]
