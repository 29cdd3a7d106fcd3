"""One request of a respondent: whose survey, by which link, in which language, where in the survey."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest

from percorso.surveys.answering import Closed, Coming, begin
from percorso.surveys.definition import Definition
from percorso.surveys.flow import Step, step_after, steps
from percorso.surveys.models import Invitation, Response, Survey
from percorso.surveys.origins import origin_of
from percorso.surveys.respond.ending import Ended, why_closed
from percorso.surveys.respond.forms import Sent
from percorso.surveys.respond.languages import language_of
from percorso.surveys.respond.seals import Seal
from percorso.surveys.respond.shown import Sheet
from percorso.surveys.written import not_known


@dataclass(frozen=True)
class Visit:
    """What a request is about. `response` is not saved yet when somebody begins."""

    request: HttpRequest
    survey: Survey
    response: Response
    seal: Seal
    invitation: Invitation | None = None

    @property
    def definition(self) -> Definition:
        """The version that the response is given to."""
        return self.response.version.definition

    @property
    def language(self) -> str:
        """The language that this page is in."""
        asked = (self.request.POST.get("_language"), self.request.POST.get("_lang"), self.request.GET.get("lang"))
        return language_of(self.definition, [*filter(None, asked), self.response.language], "")

    @property
    def unnamed(self) -> Invitation | None:
        """The invitation of an anonymous survey: its responses do not know it."""
        return self.invitation if self.survey.anonymous else None

    @property
    def sheet(self) -> Sheet:
        """What is read on this page."""
        return Sheet(
            self.survey,
            self.definition,
            self.language,
            answers=self.response.answers,
            traits=self._traits(),
            key=self.response.key,
            frame=self.seal.frame,
        )

    def _traits(self) -> Mapping[str, Any]:
        invitation = None if self.survey.anonymous else self.response.invitation
        return self.response.traits | ({"name": invitation.name} if invitation and invitation.name else {})

    def here(self) -> Step:
        """Return the step where the respondent is.

        Raises
        ------
        Ended : there is nothing to answer.
        """
        for step in self._steps():
            if step.page.id == self.response.page:
                return step
        step = step_after(
            self.definition, self.response.answers, self.response.traits, self.response.key, self.response.page
        )
        if step is None:
            raise Ended("unknown", self.survey)
        return step

    def sent(self, page: str) -> Step | None:
        """Return the step that a form was shown for: where the respondent is, or one before; None for any other."""
        for step in self._steps():
            if step.page.id == page:
                return step
            if step.page.id == self.response.page:
                return None
        return None

    def _steps(self) -> list[Step]:
        return list(steps(self.definition, self.response.answers, self.response.traits, self.response.key))


def begun(request: HttpRequest, survey: Survey, seal: Seal, invitation: Invitation | None = None) -> Visit:
    """Return the visit of somebody who opens a link: a response to fill in, or the one that their invitation has.

    Raises
    ------
    Ended : it takes no answers any more.
    """
    assert survey.live is not None
    invited = [invitation.language] if invitation and invitation.language else []
    wanted = [*filter(None, [request.POST.get("_lang"), request.GET.get("lang")]), *invited]
    language = language_of(survey.live.definition, wanted, request.headers.get("Accept-Language", ""))
    bot = {"bot": True} if request.method == "POST" and Sent(request).by_program else {}
    coming = Coming(
        channel=invitation.channel if invitation else seal.channel,
        language=language,
        origin=origin_of(request, survey),
        shown_at=seal.shown_at,
        context={**seal.told, **bot},
    )
    try:
        response = begin(survey, coming, invitation)
    except Closed as closed:
        because = why_closed(survey) if closed.because == "closed" else closed.because
        raise Ended(because, survey, language) from closed
    if response.pk is None:
        response.key = seal.key
        response.customer = response.customer or ("" if not_known(survey, seal.customer) else seal.customer)
    elif response.completed_at is None and not survey.is_open:
        raise Ended(why_closed(survey), survey, response.language)
    return Visit(request, survey, response, replace(seal, key=response.key), invitation)
