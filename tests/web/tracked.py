"""Another site, whose pages send what its visitors do to the live server."""

import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.sources.models import Source
from percorso.sources.tracking import loader
from percorso.sources.tracking.endpoint import Tracking
from percorso.sources.tracking.keys import forget_keys
from tests.web.browser import browsing

# What a careful site has: its own scripts, ours by host, and connections to it.
POLICY = "default-src 'none'; script-src 'self' {host}; connect-src 'self' {host}; style-src 'self'; img-src 'self'; form-action 'self'"
STUB = """window.percorso = window.percorso || function () { (percorso.q = percorso.q || []).push(arguments); };
["track", "page", "identify", "group", "reset", "consent"].forEach(function (name) {
  percorso[name] = percorso[name] || function () { (percorso.calls = percorso.calls || []).push([name, arguments]); };
});"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="/icon.svg">
{head}</head><body><h1>Tools</h1><button id="buy" data-track="Plan Chosen" data-track-plan="gold" data-track-first-month="free"><b>Buy</b></button>
<button id="quiet">Other</button><form id="sign" action="/thanks" data-track="Sign-up" data-track-step="1"><input name="email" aria-label="E-mail">
<input name="city" aria-label="City"><button id="send">Send</button></form><a href="/about">About</a></body></html>"""


@dataclass
class Site:
    """A site. `head`: of its pages; `files`: what it has beside pages (type, content); `policy`: empty for none.

    sent : what the live server was sent, as (mode of the request, body); a beacon's mode is ``no-cors``.
    """

    host: str
    source: Source
    address: str = ""
    head: str = ""
    title: str = "Shop"
    policy: str = POLICY
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def calls(self) -> list[dict[str, Any]]:
        """Return all calls that were sent."""
        return [call for _, body in self.sent for call in body["batch"]]

    def script(self, data: str = 'data-consent="granted"') -> None:
        """Hold percorso's script, with these attributes."""
        self.head = (
            f'<script async crossorigin src="{self.host}/percorso.js" data-key="{self.source.key}" {data}></script>'
        )

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """Load what came, and return the events (those of a name, or all but measurements), in the order of time."""
        loader.load()
        t = owner.store().table("events", "acme")
        t = t.filter(t.name == name if name else t.name != "Web Vital Measured")
        rows: list[dict[str, Any]] = t.order_by(["at", "id"]).to_pyarrow().to_pylist()
        return [{**row, "properties": json.loads(row["properties"] or "{}")} for row in rows]

    def names(self) -> list[str]:
        """Return the names of all events but measurements, sorted."""
        return sorted(row["name"] for row in self.events())

    def comes(self, *names: str, seconds: float = 15) -> None:
        """Wait until exactly these events have come, beside measurements."""
        until(lambda: self.names() == sorted(names), seconds, lambda: str(self.names()))


def until(holds: Callable[[], Any], seconds: float = 15, told: Callable[[], str] = str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)


@contextmanager
def _answering(site: Site) -> Iterator[Site]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            kind, content = site.files.get(path, ("text/html", PAGE.format(head=site.head, title=site.title).encode()))
            broken = {"/broken": 500, "/gone": 404}.get(path, 200)
            self.send_response(broken)
            self.send_header("Content-Type", kind)
            if site.policy:
                self.send_header("Content-Security-Policy", site.policy.format(host=site.host))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    site.files |= {
        "/icon.svg": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        "/stub.js": ("text/javascript", STUB.encode()),
    }
    yield site
    server.shutdown()
    server.server_close()


def _taking(site: Site, pages: Any) -> Any:
    """Return what the real server runs, noting what it is sent."""
    tracking = Tracking(pages)

    def take(environ: dict[str, Any], start: Any) -> Any:
        if environ["PATH_INFO"].startswith("/v1/") and environ["REQUEST_METHOD"] == "POST":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(body)
            site.sent.append((environ.get("HTTP_SEC_FETCH_MODE", ""), json.loads(body)))
        return tracking(environ, start)

    return take


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(acme: Workspace, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site of another origin than the live server, which takes events as the real one does."""
    monkeypatch.setenv("PERCORSO_DATA", str(tmp_path))
    forget_keys()
    served = live_server.thread.httpd
    pages = served.get_app()
    source = Source.objects.create(workspace=acme, name="Shop", key="k" * 32)
    with Store.open(":memory:") as own, _answering(Site(str(live_server.url), source)) as made:
        served.set_app(_taking(made, pages))
        monkeypatch.setattr(owner, "_store", own)
        yield made
    served.set_app(pages)
    forget_keys()


@dataclass
class Visit:
    """Somebody's browser: a page of it, and what the console said."""

    context: BrowserContext
    page: Page
    told: list[str] = field(default_factory=list)

    def stored(self) -> list[str]:
        """Return the names of all that the page's origin keeps in this browser."""
        kept: list[str] = self.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)].sort()")
        return [*kept, *(cookie["name"] for cookie in self.context.cookies())]

    def leave(self) -> None:
        """Go to another page."""
        self.page.goto("about:blank")


@contextmanager
def visiting(browser: Browser, site: Site, quiet: bool = True, **options: Any) -> Iterator[Visit]:
    """Be a visitor of the site; in the end nothing was complained about, if it should be `quiet`."""
    context = browser.new_context(viewport={"width": 1000, "height": 700}, locale="it-IT", timezone_id="Europe/Rome", **options)  # fmt: skip
    made = Visit(context, context.new_page())

    def watch(page: Page) -> None:
        page.on("console", lambda m: made.told.append(m.text))
        page.on("pageerror", lambda error: made.told.append(str(error)))

    watch(made.page)
    context.on("page", watch)
    yield made
    context.close()
    assert not quiet or made.told == []
