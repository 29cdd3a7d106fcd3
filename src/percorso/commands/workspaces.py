"""Which workspace a command works in, and the databases it needs."""

from percorso.accounts.models import Workspace
from percorso.config import setting
from percorso.errors import BadQuestion
from percorso.i18n import mark

MAIN = "main"


def workspace_to_read(slug: str | None) -> Workspace:
    """Return the workspace called `slug`; without one the only one there is, or the company's own (not the demo).

    Raises
    ------
    BadQuestion : there is none of that name, or no workspace yet.
    """
    every = {w.slug: w for w in Workspace.objects.order_by("created_at")}
    if not every:
        raise BadQuestion(
            mark("There are no facts yet. Fill the data folder with `percorso demo` or `percorso import`.")
        )
    if slug is None:
        own = [name for name in every if name != "demo"]
        slug = MAIN if MAIN in every else own[0] if own else "demo"
    if slug not in every:
        raise BadQuestion(
            mark("There is no workspace {slug}. Choose one of: {known}."), slug=slug, known=", ".join(every)
        )
    return every[slug]


def workspace_to_fill(slug: str | None, name: str = "", time_zone: str | None = None) -> Workspace:
    """Return the workspace called `slug` (default: the company's own), made when it does not exist."""
    slug = slug or MAIN
    workspace, _ = Workspace.objects.get_or_create(
        slug=slug,
        defaults={"name": name or slug.title(), "time_zone": time_zone or str(setting("TIME_ZONE"))},
    )
    return workspace
