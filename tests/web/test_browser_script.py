"""The script by which sites tell what their visitors do: in a real Chromium, against the live server, into the facts."""

import gzip
import zlib
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from percorso.base.assets import BUILT, asset
from tests.web.browser import chromium
from tests.web.tracked import Site, Visit, browser, site, until, visiting

__all__ = ["browser", "site"]
pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")

# The browser tells how long a click took when it has drawn what came of it; where it is too busy to draw, it does not.
DRAWN = """window.drawn = 0; new PerformanceObserver(list => { drawn += list.getEntries().filter(e => e.interactionId).length; }).observe(
    {type: 'event', buffered: true, durationThreshold: 16})"""
WAITING = "Object.keys(localStorage).filter(name => name.startsWith('percorso.waiting.'))"
SECONDS_OF_A_BATCH = 4


def ready(visit: Visit) -> None:
    """Wait until the script stands."""
    until(lambda: visit.page.evaluate("Boolean(window.percorso?.tracks)"))


def go(visit: Visit, site: Site, path: str = "/") -> None:
    """Open a page, and wait until the script stands."""
    visit.page.goto(site.address + path)
    ready(visit)


def test_a_page_view_says_which_page_and_from_where(browser: Browser, site: Site) -> None:
    site.script('data-consent="granted" data-release="7.1"')
    with visiting(browser, site) as visit:
        go(visit, site, "/tools?utm_source=letter&utm_campaign=May&token=secret#top")
        site.comes("Page Viewed")
    (row,) = site.events()
    assert (row["page"], row["device"], row["channel"]) == ("/tools", "desktop", "web")
    assert row["identity"].startswith("anonymous:")
    assert row["session"]
    said = row["properties"]
    assert {name: said[name] for name in ("path", "title", "referrer", "url")} == {
        "path": "/tools", "title": "Shop", "referrer": "", "url": f"{site.address}/tools",
    }  # fmt: skip
    assert said["context"] == {
        "campaign": {"name": "May", "source": "letter"}, "locale": "it-IT", "timezone": "Europe/Rome",
        "app": {"version": "7.1"}, "library": {"name": "percorso.js"},
    }  # fmt: skip
    assert "secret" not in str(site.sent)


def test_pages_that_change_without_loading_are_viewed_too(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site) as visit:
        go(visit, site)
        visit.page.evaluate("history.pushState({}, '', '/cart?step=1'); document.title = 'Cart'")
        visit.page.wait_for_timeout(100)
        visit.page.evaluate("history.replaceState({}, '', '/cart?step=2')")  # the same page
        visit.page.evaluate("history.back()")
        visit.page.wait_for_timeout(300)
        visit.page.evaluate("location.hash = '#/orders'")
        site.comes(*["Page Viewed"] * 4)
    seen = [(row["page"], row["properties"]["title"], row["properties"]["referrer"]) for row in site.events()]
    assert seen == [("/", "Shop", ""), ("/cart", "Cart", "/"), ("/", "Cart", "/cart"), ("/#/orders", "Cart", "/")]
    assert len({(row["identity"], row["session"]) for row in site.events()}) == 1


def test_clicks_on_marked_elements(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site) as visit:
        go(visit, site)
        visit.page.locator("#buy b").click()
        visit.page.locator("#quiet").click()
        visit.page.locator("#buy").press("Enter")
        site.comes("Page Viewed", "Plan Chosen", "Plan Chosen")
    row = site.events("Plan Chosen")[0]
    assert row["page"] == "/"
    assert {**row["properties"], "context": None} == {"plan": "gold", "first_month": "free", "context": None}


def test_forms_are_begun_and_submitted_or_left_and_nothing_typed_is_told(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site) as visit:
        go(visit, site)
        visit.page.get_by_label("E-mail").fill("ana@example.com")
        visit.page.evaluate("history.pushState({}, '', '/next')")
        visit.page.wait_for_timeout(300)
        visit.page.get_by_label("City").fill("Secret City")
        visit.page.get_by_label("E-mail").fill("ana@example.com")
        visit.page.locator("#send").click()
        visit.page.wait_for_url("**/thanks?**")
        ready(visit)
        visit.page.get_by_label("City").fill("Secret City")
        visit.leave()
        site.comes(*["Page Viewed"] * 3, *["Form Started"] * 3, "Form Submitted", *["Form Abandoned"] * 2)
    (submitted,), left = site.events("Form Submitted"), site.events("Form Abandoned")
    kept = [(row["page"], {**row["properties"], "context": None, "seconds": 0}) for row in (submitted, *left)]
    said = {"form": "Sign-up", "step": "1", "seconds": 0, "context": None}
    assert kept == [
        ("/next", {**said, "fields": 2}),
        ("/", {**said, "fields": 1, "last_field": "email"}),
        ("/thanks", {**said, "fields": 1, "last_field": "city"}),
    ]
    assert "Secret" not in str(site.sent)
    assert "ana" not in str(site.sent)


def test_web_vitals_are_told_when_the_page_is_left(browser: Browser, site: Site) -> None:
    site.files["/busy.js"] = (
        "text/javascript",
        b"addEventListener('click', e => { const t = performance.now(); while (performance.now() < t + 60); e.target.textContent = 'Done'; });",
    )
    site.script('data-consent="granted" data-release="7.1" data-page="/tools/:id"')
    site.head += '<script src="/busy.js"></script>'
    with visiting(browser, site, user_agent="Mozilla/5.0 (iPhone) Mobile") as visit:
        go(visit, site, "/tools/7")
        visit.page.evaluate(DRAWN)
        until(
            lambda: (
                visit.page.locator("#quiet").click() or visit.page.wait_for_timeout(200) or visit.page.evaluate("drawn")
            )
        )
        visit.leave()
        until(lambda: len(site.events("Web Vital Measured")) >= 5, told=lambda: str(site.calls()))
    rows = {row["properties"]["metric"]: row for row in site.events("Web Vital Measured")}
    assert sorted(rows) == ["CLS", "FCP", "INP", "LCP", "TTFB"]
    assert len(site.events("Web Vital Measured")) == 5
    for row in rows.values():
        assert (row["page"], row["device"], row["properties"]["release"]) == ("/tools/:id", "mobile", "7.1")
        assert row["properties"]["value"] >= 0
        assert (row["properties"]["rating"], row["properties"]["navigation"]) == ("good", "navigate")
    assert rows["LCP"]["properties"]["value"] >= rows["FCP"]["properties"]["value"] > 0


def test_errors_of_scripts_once_each_without_personal_data(browser: Browser, site: Site) -> None:
    site.files["/faulty.js"] = "text/javascript", b"\nfunction fail(text) { throw new Error(text); }"
    site.script('data-consent="granted" data-release="7.1"')
    site.head += '<script src="/faulty.js"></script>'
    with visiting(browser, site, quiet=False) as visit:
        go(visit, site)
        for _ in range(3):
            visit.page.evaluate(
                "setTimeout(() => fail('No ana@example.com with 4111 1111 1111 1111 at https://x.it/a?b=c'))"
            )
        visit.page.evaluate("void Promise.reject(new RangeError('too far'))")
        visit.page.evaluate("for (let i = 0; i < 30; i++) setTimeout(() => fail('many ' + 'x'.repeat(i)))")
        site.comes("Page Viewed", *["Error Occurred"] * 10)
    first, second = (row["properties"] for row in site.events("Error Occurred")[:2])
    assert {**first, "context": None} == {
        "kind": "script", "message": "Error: No [email] with [number] at https://x.it/a", "file": "/faulty.js",
        "line": 2, "column": 29, "release": "7.1", "context": None,
    }  # fmt: skip
    assert (second["kind"], second["message"]) == ("promise", "RangeError: too far")


def test_requests_that_fail(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site, quiet=False) as visit:
        go(visit, site)
        visit.page.evaluate("fetch('/broken?token=1', {method: 'post'})")
        visit.page.evaluate("fetch(new Request('/fine'))")
        visit.page.evaluate("fetch('http://127.0.0.1:9/nobody').catch(() => 0)")
        visit.page.evaluate(
            "{const c = new AbortController(); fetch('/slow', {signal: c.signal}).catch(() => 0); c.abort()}"
        )
        visit.page.evaluate("{const r = new XMLHttpRequest(); r.open('GET', '/gone?id=7'); r.send()}")
        visit.page.evaluate(
            "{const s = document.createElement('script'); s.src = '/broken?v=2'; document.head.append(s)}"
        )
        site.comes("Page Viewed", *["Error Occurred"] * 4)
    rows = [row["properties"] for row in site.events("Error Occurred")]
    found = {(r["kind"], r.get("method"), r["address"], r.get("status")) for r in rows}
    assert found == {
        ("request", "POST", "/broken", 500), ("request", "GET", "http://127.0.0.1:9/nobody", 0),
        ("request", "GET", "/gone", 404), ("resource", None, "/broken", None),
    }  # fmt: skip
    assert all(row["duration"] >= 0 for row in rows if row["kind"] == "request")


def test_before_consent_nothing_is_sent_and_nothing_is_kept(browser: Browser, site: Site) -> None:
    site.script("")
    with visiting(browser, site) as visit:
        go(visit, site)
        visit.page.locator("#buy").click()
        visit.page.evaluate("percorso.identify('u1', {plan: 'gold'}); percorso.track('Earlier')")
        visit.page.wait_for_timeout(SECONDS_OF_A_BATCH * 1000)
        assert (site.sent, visit.stored()) == ([], [])
        assert visit.page.evaluate("/native code/.test(window.fetch) && /native code/.test(history.pushState)")
        visit.page.evaluate("percorso.consent(true); percorso.track('Later')")
        site.comes("Page Viewed", "Later")  # what happened before is not told later
        assert visit.stored() == ["percorso"]
        assert {row["customer"] for row in site.events()} == {
            "u1"
        }  # who it is was said by the site, and stayed on its page
        go(visit, site, "/second")
        site.comes("Page Viewed", "Later", "Page Viewed")  # it is remembered
        visit.page.evaluate("percorso.track('Not Any More'); percorso.consent(false); percorso.track('Never')")
        assert visit.stored() == []
        told = len(site.sent)
        go(visit, site, "/third")
        visit.leave()
        visit.page.wait_for_timeout(SECONDS_OF_A_BATCH * 1000)
        assert len(site.sent) == told
    assert site.names() == ["Later", "Page Viewed", "Page Viewed"]


@pytest.mark.parametrize("signal", ["globalPrivacyControl", "doNotTrack"])
def test_who_told_the_browser_not_to_be_watched_is_not(browser: Browser, site: Site, signal: str) -> None:
    site.script()
    value = "true" if signal == "globalPrivacyControl" else "'1'"
    with visiting(browser, site) as visit:
        visit.page.add_init_script("if (location.host) localStorage.setItem('percorso', '{\"c\":1}')")
        visit.context.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{value: {value}}})")
        go(visit, site)
        visit.page.evaluate("percorso.consent(true); percorso.track('Hello')")
        visit.leave()
        visit.page.wait_for_timeout(500)
        assert site.sent == []
        go(visit, site)
        assert visit.stored() == []
    assert site.events() == []


def test_who_refuses_where_all_are_said_to_agree_is_remembered(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site) as visit:
        go(visit, site)
        visit.page.evaluate("percorso.consent(false)")
        assert visit.page.evaluate("localStorage.percorso") == '{"c":0}'
        go(visit, site, "/second")
        visit.leave()
        visit.page.wait_for_timeout(500)
    assert site.events() == []


def test_what_is_done_last_goes_by_a_beacon(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site) as visit:
        go(visit, site)
        visit.page.evaluate(
            "percorso.track('Left', {size: 'é'.repeat(12_000)}); percorso.track('Left', {size: 'é'.repeat(12_000)})"
        )
        visit.page.locator("a").click()
        visit.page.wait_for_url("**/about")
        visit.page.wait_for_timeout(300)
        site.comes(*["Page Viewed"] * 2, *["Left"] * 2)
    beacons = [[call.get("event") for call in body["batch"]] for mode, body in site.sent if mode == "no-cors"]
    assert sum("Left" in names for names in beacons) == 2  # a browser takes no more than 64 KiB


def test_two_tabs_are_one_visit(browser: Browser, site: Site) -> None:
    site.script("")
    with visiting(browser, site) as visit:
        go(visit, site, "/one")
        other = Visit(visit.context, visit.context.new_page())
        go(other, site, "/two")
        visit.page.evaluate("percorso.consent(true)")
        site.comes("Page Viewed", "Page Viewed")  # what is told to one holds for both
        assert len({(row["identity"], row["session"]) for row in site.events()}) == 1
        other.page.evaluate("percorso.consent(false)")
        visit.page.evaluate("percorso.track('Never')")
        visit.page.wait_for_timeout(SECONDS_OF_A_BATCH * 1000)
        assert visit.stored() == []
    assert site.names() == ["Page Viewed", "Page Viewed"]


def test_a_visit_ends_after_half_an_hour(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site) as visit:
        go(visit, site)
        for minutes in (29, 31):
            visit.page.evaluate(
                f"{{const kept = JSON.parse(localStorage.percorso); kept.t -= {minutes} * 60_000; localStorage.percorso = JSON.stringify(kept)}}"
            )
            visit.page.evaluate(f"percorso.track('After {minutes}')")
        site.comes("Page Viewed", "After 29", "After 31")
    first, same, later = (row["session"] for row in site.events())
    assert first == same != later


def test_without_a_network_it_waits_on_the_device(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site, quiet=False) as visit:
        go(visit, site)
        site.comes("Page Viewed")
        visit.context.set_offline(True)
        visit.page.evaluate("percorso.track('Offline')")
        until(lambda: visit.page.evaluate(WAITING))
        visit.context.set_offline(False)
        site.comes("Page Viewed", "Offline")
        until(lambda: not visit.page.evaluate(WAITING))
        visit.context.set_offline(True)
        visit.page.evaluate("percorso.track('Left Offline')")
        visit.page.close()
        visit.context.set_offline(False)
        again = Visit(visit.context, visit.context.new_page())
        go(again, site, "/again")
        site.comes("Page Viewed", "Offline", "Left Offline", "Page Viewed")
        until(lambda: not again.page.evaluate(WAITING))


def test_what_a_server_does_not_take_is_sent_again_and_counts_once(browser: Browser, site: Site) -> None:
    site.script()
    answers = iter([(503, "lost"), (429, "lost"), (200, "kept, but nobody heard"), (0, "")])
    with visiting(browser, site, quiet=False) as visit:

        def answer(route: Any) -> None:
            status, what = next(answers, (0, ""))
            if status == 200:
                route.fetch()
                route.abort()
            elif status:
                route.fulfill(status=status, body=what)
            else:
                route.continue_()

        visit.page.route("**/v1/batch", answer)
        go(visit, site)
        for _ in range(3):
            until(lambda: visit.page.evaluate(WAITING))
            visit.page.wait_for_timeout(300)
            visit.page.evaluate("dispatchEvent(new Event('online'))")
        until(lambda: not visit.page.evaluate(WAITING))
        site.comes("Page Viewed")
    assert [call["type"] for call in site.calls()].count("page") == 2
    assert next(answers, None) is None


def test_a_key_that_opens_nothing_is_tried_once_a_page(browser: Browser, site: Site) -> None:
    site.script()
    site.head = site.head.replace(site.source.key, "another")
    with visiting(browser, site, quiet=False) as visit:
        go(visit, site)
        until(lambda: site.sent)
        visit.page.wait_for_timeout(500)
        visit.page.evaluate("percorso.track('Hello')")
        visit.page.wait_for_timeout(SECONDS_OF_A_BATCH * 1000)
        assert len(site.sent) == 1
        assert visit.stored() == ["percorso"]


@pytest.mark.parametrize("storage", ["none", "cookie", "local"])
def test_where_it_is_kept_who_somebody_is(browser: Browser, site: Site, storage: str) -> None:
    site.script(f'data-consent="granted" data-storage="{storage}"')
    with visiting(browser, site) as visit:
        for path in ("/a", "/b"):
            go(visit, site, path)
            visit.page.evaluate("percorso.track('Hello')")
        visit.leave()
        site.comes(*["Page Viewed", "Hello"] * 2)
        go(visit, site, "/c")
        assert visit.stored() == ([] if storage == "none" else ["percorso"])
        assert [cookie["name"] for cookie in visit.context.cookies()] == (["percorso"] if storage == "cookie" else [])
    rows = [row for row in site.events() if row["page"] != "/c"]
    people = 2 if storage == "none" else 1
    assert [len({row[name] for row in rows}) for name in ("identity", "session")] == [people, people]


def test_who_somebody_is_and_who_comes_next(browser: Browser, site: Site) -> None:
    site.script()
    with visiting(browser, site) as visit:
        go(visit, site)
        visit.page.evaluate(
            "percorso.identify('u1', {email: 'ana@example.com'}); percorso.group('acme'); percorso.track('One')"
        )
        visit.page.evaluate("percorso.identify('u2'); percorso.track('Two'); percorso.reset(); percorso.track('Three')")
        visit.leave()
        site.comes("Page Viewed", "One", "Two", "Three")
    rows = {row["name"]: row for row in site.events()}
    assert [rows[name]["customer"] for name in ("Page Viewed", "One", "Two")] == ["u1", "u1", "u2"]
    assert rows["Three"]["customer"].startswith("anonymous:")
    devices = {call["anonymousId"] for call in site.calls() if call["type"] == "track"}
    assert len(devices) == 3


def test_what_was_told_before_the_script_came_counts(browser: Browser, site: Site) -> None:
    site.files["/early.js"] = "text/javascript", b"percorso.consent(true); percorso.track('Early', {n: 1});"
    site.script("")
    site.head = f'<script src="/stub.js"></script><script src="/early.js"></script>{site.head}'
    with visiting(browser, site) as visit:
        go(visit, site)
        site.comes("Page Viewed", "Early")
    assert site.events("Early")[0]["properties"]["n"] == 1


def test_page_views_by_the_site_itself(browser: Browser, site: Site) -> None:
    site.script('data-consent="granted" data-off="pages clicks forms vitals errors requests"')
    with visiting(browser, site) as visit:
        go(visit, site, "/orders/17")
        visit.page.locator("#buy").click()
        visit.page.evaluate("percorso.page('Order', {path: '/orders/:id', shown: 3}); percorso.track('Seen')")
        site.comes("Page Viewed", "Seen")
    # Both may be of one millisecond.
    view, seen = sorted(site.events(), key=lambda row: row["name"])
    assert (view["page"], seen["page"]) == ("/orders/:id", "/orders/:id")
    assert (view["properties"]["name"], view["properties"]["shown"]) == ("Order", 3)


@pytest.mark.parametrize("first", ["widget", "script"])
def test_beside_the_widget(browser: Browser, site: Site, first: str) -> None:
    site.script("")
    widget = f'<script src="{site.host}/w.js" data-survey="none" data-preview="/nothing"></script>'
    own = site.head.replace("async", "")
    site.head = '<script src="/stub.js"></script>' + (widget + own if first == "widget" else own + widget)
    with visiting(browser, site, quiet=False) as visit:
        go(visit, site)
        until(lambda: visit.page.evaluate("Boolean(percorso.widgets)"))
        visit.page.evaluate("percorso.consent(true); percorso.track('Paid'); percorso('seen')")
        assert visit.page.evaluate("[percorso.agreed, ...percorso.happened]") == [True, "Paid", "seen"]
        site.comes("Page Viewed", "Paid")


# Browsers hide from a page what goes wrong in scripts of another origin that are not held with `crossorigin`.
@pytest.mark.parametrize("crossorigin", [True, False])
def test_nothing_of_it_breaks_the_page(browser: Browser, site: Site, crossorigin: bool) -> None:
    site.script()
    site.head = site.head if crossorigin else site.head.replace("crossorigin", "")
    with visiting(browser, site, quiet=False) as visit:
        visit.page.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no storage'); }});"
            "window.uncaught = []; addEventListener('unhandledrejection', e => uncaught.push(e.reason.name));"
        )
        go(visit, site)
        visit.page.evaluate(
            "{const ring = {}; ring.ring = ring; percorso.track('Ring', ring); percorso.track('Big', {n: 1n})}"
        )
        visit.page.evaluate(
            "percorso.track(); percorso.page(7, 'x'); percorso.identify(); percorso.group(); percorso.consent()"
        )
        visit.page.evaluate("void fetch('http://127.0.0.1:9/nobody')")
        visit.page.evaluate("(async () => (await fetch('/fine')).none.there)(); 0")
        until(lambda: len(visit.page.evaluate("uncaught")) == 2)
        assert visit.page.evaluate("fetch('/fine').then(answer => answer.text()).then(text => text.length > 9)")
        visit.page.evaluate("percorso.track('Still Here')")
        until(lambda: "Still Here" in site.names())
    assert "no storage" not in str(visit.told)
    failed = [row["properties"]["kind"] for row in site.events("Error Occurred")]
    assert failed == (["request", "promise"] if crossorigin else ["promise", "promise"])


def test_what_is_personal_in_addresses_and_titles_is_not_told(browser: Browser, site: Site) -> None:
    site.script()
    site.title = "Orders of ana@example.com, card 4111 1111 1111 1111"
    with visiting(browser, site) as visit:
        go(visit, site, "/of/ana@example.com/7?x=ana@example.com")
        site.comes("Page Viewed")
    (row,) = site.events()
    assert (row["page"], row["properties"]["title"]) == ("/of/[email]/7", "Orders of [email], card [number]")
    assert "ana@example" not in str(site.sent)


def test_the_script_has_one_address_and_is_small(db: None) -> None:
    answer = Client(SERVER_NAME="localhost").get("/percorso.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    plain = Client(SERVER_NAME="localhost").get("/percorso.js")
    assert zlib.decompress(answer.content, 31) == plain.content == (BUILT / asset("track.js")).read_bytes()
    assert len(gzip.compress(plain.content, 9)) < 10_000
    assert not answer.cookies
