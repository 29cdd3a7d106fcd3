"""Texts side by side: the survey's own language, and another one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.surveys.definition import Definition
from percorso.surveys.editing import actions
from percorso.surveys.editing.draft import changed
from percorso.surveys.editing.editor import survey_of, told
from percorso.surveys.editing.forms import LanguageForm
from percorso.surveys.editing.languages import language_name
from percorso.surveys.editing.shown import languages
from percorso.surveys.editing.texts import missing, name_at, put_text, used
from percorso.surveys.models import Survey
from percorso.surveys.respond.languages import written
from percorso.surveys.tabs import tabs_of

AT = "translations"
GONE = mark("This language is not one of the survey's any more.")


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_translate(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Show every text beside its translation (`?to=`), and keep what is written; add and remove languages."""
    found = survey_of(workspace, survey)
    if request.method == "POST":
        return _changed(request, found)
    definition = found.definition
    others = [code for code in definition.languages if code != definition.language]
    to = request.GET.get("to", "")
    to = to if to in others else next(iter(others), "")
    context = {
        "survey": found,
        "tabs": tabs_of(found, "survey_edit", request.membership),
        "languages": languages(definition),
        "own": {
            "code": definition.language,
            "lang": written(definition.language),
            "name": language_name(definition.language),
        },
        "to": {"code": to, "lang": written(to), "name": language_name(to)} if to else None,
        "rows": _rows(definition, to) if to else [],
        "missing": len(missing(definition, to)) if to else 0,
        "adding": LanguageForm(definition),
        "editor": reverse("survey_edit", args=[workspace.slug, found.slug]),
    }
    return render(request, "surveys/editing/translate.html", context)


def _rows(definition: Definition, to: str) -> list[dict[str, object]]:
    rows, before = [], ""
    for said in used(definition):
        name = name_at(definition, said.at)
        rows.append({
            "key": said.key, "at": said.at, "label": gettext(said.label), "name": name, "first": said.at != before,
            "own": said.text.get(definition.language, ""), "told": said.text.get(to, ""),
        })  # fmt: skip
        before = said.at
    return rows


def _changed(request: MemberRequest, survey: Survey) -> HttpResponseBase:
    do, _, about = request.POST.get("do", "save").partition(":")
    to = request.POST.get("to", "")
    try:
        if do == "add-language":
            form = LanguageForm(survey.definition, request.POST)
            if not form.is_valid():
                raise BadQuestion(mark("Choose a language that the survey does not have yet."))
            to = form.cleaned_data["language"]
            _change_languages(request, survey, lambda codes: [*codes, to])
        elif do == "remove-language":
            _change_languages(request, survey, lambda codes: [code for code in codes if code != about])
            messages.success(request, gettext("The language was removed. Its texts are kept, in case it comes back."))
        else:
            _save(request, survey, to, request.POST)
    except BadQuestion as error:
        messages.error(request, told(error))
    address = reverse("survey_translate", args=[survey.workspace.slug, survey.slug])
    return redirect(f"{address}?to={to}")


def _change_languages(request: MemberRequest, survey: Survey, change: Callable[[list[str]], list[str]]) -> None:
    def made(definition: Definition) -> Definition:
        def put(copy: Definition) -> None:
            copy.languages = change(copy.languages)

        return changed(definition, put)

    actions.edit_draft(survey, made, at=AT, by=request.user)


def _save(request: MemberRequest, survey: Survey, to: str, given: QueryDict) -> None:
    """Keep the translations that differ from what the page showed: what another wrote meanwhile stays."""

    def made(definition: Definition) -> Definition:
        if to not in definition.languages or to == definition.language:
            raise BadQuestion(GONE)
        for said in used(definition):
            name = f"x.{said.key}"
            if name in given and given[name].strip() != given.get(f"was.{said.key}", "").strip():
                definition = put_text(definition, said.key, to, given[name].replace("\r\n", "\n").strip())
        return definition

    actions.edit_draft(survey, made, at=AT, by=request.user, together=True)
