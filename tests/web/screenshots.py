"""Pictures of every page of the demo company: ``python -m tests.web.screenshots OUT_FOLDER [PART_OF_A_NAME]``.

The overview and indicators' pages in three languages, light and dark, on a phone, a laptop and a wide screen.
"""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.test import Client
from playwright.sync_api import Page

PAGES = {
    "overview": "", "choose": "overview/", "indicators": "indicators/", "csat": "indicators/csat/",
    "first-response": "indicators/first_response_time/?by=channel", "facts": "indicators/csat/facts/",
    "customers": "customers/", "goals": "programme/", "plans": "programme/plans/", "scorecards": "programme/scorecards/",
}  # fmt: skip
SCREENS = {"phone": (360, 780), "laptop": (1440, 900), "wide": (2560, 1300)}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the pictures are the output."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve a new data folder with the demo company; gives the address of its workspace."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PERCORSO_DATA": folder, "DJANGO_SETTINGS_MODULE": "percorso.web.settings"}
        import django  # settings are read when it starts, so the data folder comes first

        django.setup()
        from django.core.management import call_command

        from percorso.base import messages, owner
        from percorso.web.wsgi import application

        messages.compile_all()
        call_command("migrate", verbosity=0)
        _fill()
        server = make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/w/demo/"
        finally:
            server.shutdown()
            owner.close()


def _fill() -> None:
    from datetime import UTC, datetime

    from percorso import demo
    from percorso.accounts.models import Membership, Person, Role, Workspace
    from percorso.base import owner
    from percorso.demo.company import workspace

    until = datetime.now(UTC).date()
    demo.fill(owner.store(), workspace="demo", scale=0.5, until=until)
    made = Workspace.objects.create(slug="demo", **workspace(until))
    person = Person.objects.create_user("alice@demo.test", name="Alice Albuquerque")
    Membership.objects.create(workspace=made, person=person, role=Role.OWNER)


def _signed_in() -> Client:
    """Return a test client in which the demo's owner is signed in."""
    from percorso.accounts.models import Person

    client = Client(SERVER_NAME="localhost")
    client.force_login(Person.objects.get())
    return client


def shoot(page: Page, path: Path, full: bool) -> None:
    """Wait until the charts are drawn, then take the picture."""
    page.wait_for_load_state("networkidle")
    for figure in page.query_selector_all("figure[data-chart]"):
        figure.scroll_into_view_if_needed()
        figure.wait_for_selector("canvas")
    if page.query_selector("canvas"):
        page.wait_for_timeout(400)  # the line is drawn in a quarter of a second
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path, full_page=full)


def main(out: Path, only: str) -> None:
    """Write all pictures whose name contains `only` into `out`."""
    from tests.web.browser import LANGUAGES, browsing, opened, sign_in

    out.mkdir(parents=True, exist_ok=True)
    with serving() as base:
        alice = _signed_in()  # before the browser, whose event loop Django's database refuses
        with browsing() as browser:
            for language, theme, screen, name in product(LANGUAGES, ("light", "dark"), SCREENS, PAGES):
                file = f"{name}-{screen}-{language}-{theme}.png"
                if only not in file:
                    continue
                with opened(browser, base, language, *SCREENS[screen], theme) as (page, complaints):
                    sign_in(page, base, alice)
                    page.goto(base + PAGES[name])
                    shoot(page, out / file, full=screen != "wide")
                    print(file, *complaints.console, *complaints.hosts)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m tests.web.screenshots OUT_FOLDER [PART_OF_A_NAME]")
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
