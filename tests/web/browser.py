"""A real Chromium, and what it complains about while it shows a page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Other tests run beside: what takes a moment alone may take seconds.
expect.set_options(timeout=15_000)
LANGUAGES = {"en": "en", "pt-br": "pt-BR", "it": "it"}


def chromium() -> str | None:
    """Return where Debian's Chromium is; None when it is not installed."""
    return shutil.which("chromium")


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What went wrong on a page: messages of the console (violations of the CSP among them), and foreign hosts."""

    console: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@contextmanager
def opened(
    browser: Browser,
    base: str,
    language: str = "en",
    width: int = 1440,
    height: int = 900,
    theme: str = "light",
    still: bool = False,
) -> Iterator[tuple[Page, Complaints]]:
    """Open an empty page as somebody with this language, screen and theme has it; `still`: who wants no motion."""
    options: dict[str, Any] = {"locale": LANGUAGES[language], "color_scheme": theme, "base_url": base}
    options |= {"reduced_motion": "reduce"} if still else {}
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page, complaints = context.new_page(), Complaints()
    page.on("console", lambda m: complaints.console.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.console.append(str(error)))
    own = urlsplit(base).netloc
    page.on(
        "request",
        lambda r: complaints.hosts.add(urlsplit(r.url).netloc) if urlsplit(r.url).netloc not in (own, "") else None,
    )
    yield page, complaints
    context.close()


def sign_in(page: Page, base: str, client: Client) -> None:
    """Sign the person of a test client in; `client` comes from tests/people.py, as `alice`."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
