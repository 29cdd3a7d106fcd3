"""Figures as files."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts import audit
from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base import words
from percorso.insights import pictures, queries
from percorso.insights.cards import row
from percorso.insights.downloads import FORMS, TYPES, Asked, csv_of, parquet_of, xlsx_of
from percorso.insights.figures import close_scale
from percorso.insights.views.around import choice_of, compared_with
from percorso.insights.views.indicator import GROUPS, by_of, charts

TABLES = {"csv": csv_of, "xlsx": xlsx_of, "parquet": parquet_of}


@require_safe
@member("analyse")
def download(request: HttpRequest, workspace: Workspace, key: str, form: str) -> HttpResponse:
    """Give the series or the breakdown (``table=breakdown``) that the page shows, in one of `FORMS`."""
    if key not in INDICATORS or form not in FORMS:
        raise Http404(key)
    choice = choice_of(request, workspace)
    by = by_of(key, choice) if request.GET.get("table") == "breakdown" else ()
    if by:
        result = queries.breakdown(workspace, key, choice, by)
    else:
        _, result, _ = queries.indicator(workspace, key, choice)
    asked = Asked(result, workspace, choice)
    if form in TABLES:
        made = TABLES[form](asked)
    else:
        spec = _picture(asked, by)
        made = pictures.svg_of(spec) if form == "svg" else pictures.png_of(spec)
    name = asked.name(form)
    audit.record("downloaded", workspace, by=request.user, target=name)  # type: ignore[arg-type]
    return HttpResponse(
        made, content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _picture(asked: Asked, by: tuple[str, ...]) -> pictures.Spec:
    """Return the drawing of what the page shows, with every text in the person's language."""
    choice, workspace, key = asked.choice, asked.workspace, asked.key
    indicator = INDICATORS[key]
    name = gettext(indicator.label)
    about = [workspace.name, words.days(choice.period), *(text for _, text in asked.segment), gettext("95% interval")]
    if by:
        cells = sorted((c for c in asked.result if c.value is not None), key=lambda c: -(c.n or 0))[:GROUPS]
        figures = [row(c, close_scale(indicator, cells)) for c in cells]
        return pictures.groups_spec(name, " · ".join(about), close_scale(indicator, cells), figures)
    _, series, earlier = queries.indicator(workspace, key, choice)
    written = list(queries.annotations(workspace, key, choice))
    notes = [f"{i}: {note.text}" for i, note in enumerate(written, start=1)]
    spec = pictures.series_spec(
        name, " · ".join(about), compared_with(choice), charts(indicator, series, earlier, choice, written)
    )
    spec["title"]["subtitle"] = [" · ".join(about), *notes]
    return spec
