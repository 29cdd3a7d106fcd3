"""What axe finds on a page in a real Chromium."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
# Two pictures later all colours are those of the other theme, also of what follows another's.
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"
GRAVE = ("serious", "critical")


def axe_in_both_themes(page: Page) -> list[str]:
    """Return what `axe` finds on a page in the light theme, and in the dark one of what depends on colours.

    The page must have been opened by somebody who wants no motion (`opened(..., still=True)`): colours change at once.
    """
    found = axe(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(PAINTED)
    found += [f"dark: {each}" for each in axe(page, {"type": "rule", "values": COLOURS})]
    page.emulate_media(color_scheme="light")
    return found


def axe(page: Page, run_only: Any = RULES) -> list[str]:
    """Return the serious and critical findings, each with the first places where it is; the page's policy stays as it is."""
    # Run in a world of its own, where the page's content policy does not reach.
    session = page.context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
    _evaluate(session, world, AXE.read_text())
    asked = f"axe.run(document, {{runOnly: {json.dumps(run_only)}}}).then(found => found.violations.map(v => ({{id: v.id, impact: v.impact, help: v.help, at: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))}})))"
    found: list[dict[str, Any]] = _evaluate(session, world, asked)
    session.detach()
    return [f"{v['id']} ({v['impact']}): {v['help']}: {v['at']}" for v in found if v["impact"] in GRAVE]


def _evaluate(session: Any, world: int, code: str) -> Any:
    asked = {"expression": code, "contextId": world, "awaitPromise": True, "returnByValue": True}
    answer = session.send("Runtime.evaluate", asked)
    if "exceptionDetails" in answer:
        raise RuntimeError(answer["exceptionDetails"])
    return answer["result"].get("value")
