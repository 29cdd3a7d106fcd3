"""The demo company's surveys: one live with its invitations and answers, a draft, and a closed one of the staff.

Their addresses end in `.example` and no channel is set up: nothing is ever sent. Of their answers only figures of their own
become facts: those that docs/demo.md documents stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils.translation import gettext

from percorso.accounts.models import Person, Workspace
from percorso.base import fact_outbox
from percorso.base.owner import store
from percorso.demo import Truth
from percorso.outreach.models import ContactPolicy, Refusal
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.definition import Definition
from percorso.surveys.editing.actions import close_survey, make_survey, publish
from percorso.surveys.facts import facts_of
from percorso.surveys.inviting.sending import PURPOSE, reference_of
from percorso.surveys.models import Distribution, Invitation, Response, Survey, Version

DAYS, STAFF_DAYS = 60, 45
MOST_INVITED, STAFF = 1300, 34
# Days before the end on which invitations went out.
SENDINGS = (57, 26)
# Of those who were invited; the others got it and have not answered.
STATES = {"answered": 0.225, "started": 0.03, "refused": 0.11, "failed": 0.02}
REASONS = {"cap": 50, "unsubscribed": 20, "bounced": 15, "no_address": 15}
# Responses that nobody was invited to: by the open link, on packages, in the window on the site.
OPEN = {"link": 26, "qr": 19, "widget": 37}
UNFINISHED = 0.12
ASPECTS = {"nps_service": 0.0, "nps_product": 0.35, "nps_after_sales": -0.25}
# What people write, by language: unhappy, in between, happy.
COMMENTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "pt-BR": (
        ("O pedido chegou dois dias atrasado.", "Ninguém respondeu ao meu e-mail.", "A cápsula veio amassada de novo."),
        ("O café é bom, o preço subiu demais.", "Gosto, mas a entrega podia ser mais rápida."),
        ("O melhor café que já comprei.", "Chega sempre antes de acabar.", "Atendimento rápido e gentil."),
    ),
    "it": (
        (
            "Il pacco è arrivato in ritardo.",
            "Ho scritto tre volte e nessuno mi ha risposto.",
            "La macchina perde acqua.",
        ),
        ("Buono, ma le spedizioni sono care.", "Nella media, niente di speciale."),
        ("Caffè ottimo, lo consiglio a tutti.", "Sempre puntuali.", "Assistenza gentilissima."),
    ),
    "en": (
        ("My box came late and nobody told me.", "The checkout failed twice."),
        ("Nice coffee, too many emails.", "Good, but pricey."),
        ("Great beans, always on time.", "I never run out. Lovely."),
    ),
}
STAFF_COMMENTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "pt-BR": (("Turnos demais no fim de semana.",), ("Bom, mas falta treinamento.",), ("Equipe unida.",)),
    "it": (("Troppi turni nei fine settimana.",), ("Bene, ma serve più formazione.",), ("Bella squadra.",)),
    "en": (("Too many weekend shifts.",), ("Fine, but little training.",), ("A team that sticks together.",)),
}


@dataclass(frozen=True)
class Asked:
    """A customer of the facts who is invited."""

    id: str
    name: str
    language: str
    traits: dict[str, Any]


def make_surveys(workspace: Workspace, truth: Truth, by: Person) -> None:
    """Make the surveys in the active language; the facts of their answers are lined up with the transaction around."""
    draw = Random(f"{workspace.slug} {truth.seed} surveys")
    until = datetime.combine(truth.until, time(), UTC)
    ContactPolicy.objects.get_or_create(workspace=workspace, defaults={"channels": {"email": {"most": 2, "days": 30}}})
    contact = TEMPLATES["csat"]
    make_survey(workspace, name=gettext(contact.label), definition=_definition(workspace, "csat"), by=by)
    _of_staff(workspace, until, draw, by)
    _of_customers(workspace, until, draw, by)


def _definition(workspace: Workspace, key: str) -> Definition:
    return TEMPLATES[key].make(workspace.name, workspace.language)


def _published(survey: Survey, at: datetime, by: Person) -> Version:
    """Publish a survey as if it had been made at an instant."""
    made = publish(survey, by=by)
    Version.objects.filter(pk=made.pk).update(created_at=at)
    Survey.objects.filter(pk=survey.pk).update(created_at=at)
    survey.refresh_from_db()
    return Version.objects.get(pk=made.pk)


def _of_staff(workspace: Workspace, until: datetime, draw: Random, by: Person) -> None:
    template, began = TEMPLATES["enps"], until - timedelta(days=STAFF_DAYS)
    survey = make_survey(
        workspace, name=gettext(template.label), definition=_definition(workspace, "enps"), by=by,
        population=template.population, anonymous=True, touchpoint="workplace",
    )  # fmt: skip
    version = _published(survey, began, by)
    made = []
    for _ in range(STAFF):
        mood, language = draw.gauss(0, 1), draw.choices(("pt-BR", "it", "en"), (55, 40, 5))[0]
        answers: dict[str, Any] = {"enps": _score(7.9 + 2.1 * mood)}
        if draw.random() < 0.3:
            answers["why"] = _comment(STAFF_COMMENTS, language, answers["enps"], draw)
        at = began + timedelta(days=draw.uniform(0, 14))
        made.append(_response(version, survey, answers, at, draw, channel="link", language=language))
    _keep(survey, made)
    close_survey(survey, by=by)


def _of_customers(workspace: Workspace, until: datetime, draw: Random, by: Person) -> None:
    aspects = TEMPLATES["nps_aspects"]
    survey = make_survey(
        workspace, name=gettext(aspects.label), definition=_aspects(workspace), by=by,
        touchpoint="relationship",
    )  # fmt: skip
    version = _published(survey, until - timedelta(days=DAYS), by)
    invitations = _invite(survey, _customers(workspace, until, draw), until, draw, by)
    made = [
        _answered(version, survey, draw, _soon(invitation.send_at, until, draw), invitation=invitation)
        for invitation in invitations
        if invitation.state in (Invitation.State.ANSWERED, Invitation.State.STARTED)
    ]
    for channel, n in OPEN.items():
        for _ in range(n):
            at = until - timedelta(days=draw.uniform(0.01, DAYS - 1))
            made.append(_answered(version, survey, draw, at, channel=channel))
    made.sort(key=lambda response: response.started_at)
    _make_suspicious(made, draw)
    _keep(survey, made)


def _aspects(workspace: Workspace) -> Definition:
    """Return the survey of aspects; its first question measures nothing, for the company's NPS has a survey already."""
    made = _definition(workspace, "nps_aspects")
    asked = made.question("nps_company")
    assert asked is not None
    asked.metric = asked.aspect = ""
    return made


def _customers(workspace: Workspace, until: datetime, draw: Random) -> list[Asked]:
    """Return whom to invite: customers of the facts who were there before the survey began."""
    t = store().table("customers", workspace.slug)
    t = t.filter(t.created_at < until - timedelta(days=DAYS)).select("id", "name", "language", "country", "plan")
    rows = t.order_by("id").to_pyarrow().to_pylist()
    chosen = draw.sample(rows, min(MOST_INVITED, len(rows)))
    return [
        Asked(row["id"], row["name"] or "", row["language"] or "en", {k: row[k] for k in ("country", "plan") if row[k]})
        for row in chosen
    ]


def _invite(survey: Survey, people: Sequence[Asked], until: datetime, draw: Random, by: Person) -> list[Invitation]:
    """Make the sendings with what became of their invitations, and what the contact policy refused."""
    made: list[Invitation] = []
    half = (len(people) + 1) // 2
    for days, some in zip(SENDINGS, (people[:half], people[half:]), strict=True):
        at = until - timedelta(days=days) + timedelta(hours=13)
        sending = Distribution.objects.create(
            survey=survey, channel="email", audience={"list": len(some)}, send_at=at, state=Distribution.State.DONE,
            most_reminders=0, made_by=by,
        )  # fmt: skip
        made += [_invitation(survey, sending, person, at, draw) for person in some]
    Invitation.objects.bulk_create(made, batch_size=500)
    _refuse(survey, [one for one in made if one.state == Invitation.State.REFUSED])
    return made


def _invitation(survey: Survey, sending: Distribution, person: Asked, at: datetime, draw: Random) -> Invitation:
    state = draw.choices([*STATES, "sent"], [*STATES.values(), 1 - sum(STATES.values())])[0]
    because = draw.choices(list(REASONS), list(REASONS.values()))[0] if state == "refused" else ""
    return Invitation(
        survey=survey, distribution=sending, customer=person.id, name=person.name, language=person.language,
        address="" if because == "no_address" else f"{person.id.lower()}@brumora.example", channel="email",
        traits=person.traits, state=state, because=because, send_at=at,
        sent_at=None if state == "refused" else at + timedelta(seconds=draw.uniform(5, 900)),
        expires_at=at + timedelta(days=survey.expires_days), scanned=state == "sent" and draw.random() < 0.03,
    )  # fmt: skip


def _refuse(survey: Survey, refused: Sequence[Invitation]) -> None:
    details = {"cap": {"most": 2, "days": 30, "sent": 2}}
    rows = [
        Refusal(
            workspace=survey.workspace, channel=one.channel, purpose=PURPOSE, reference=reference_of(survey),
            customer=one.customer, address=one.address, because=one.because, details=details.get(one.because, {}),
        )
        for one in refused
    ]  # fmt: skip
    made = Refusal.objects.bulk_create(rows)
    for row, one in zip(made, refused, strict=True):
        row.at = one.send_at
    Refusal.objects.bulk_update(made, ["at"], batch_size=100)


def _soon(sent: datetime, until: datetime, draw: Random) -> datetime:
    """Return when an invitation is answered: most within a day, all within the survey's days."""
    hours = draw.lognormvariate(2.3, 1.2)
    return min(sent + timedelta(hours=0.3 + hours), until - timedelta(minutes=draw.uniform(30, 600)))


def _answered(
    version: Version,
    survey: Survey,
    draw: Random,
    at: datetime,
    *,
    channel: str = "email",
    invitation: Invitation | None = None,
) -> Response:
    language = invitation.language if invitation else draw.choices(("pt-BR", "it", "en"), (60, 35, 5))[0]
    whole = invitation.state == Invitation.State.ANSWERED if invitation else draw.random() >= UNFINISHED
    mood = draw.gauss(-0.35 if channel == "widget" else 0.0, 1)
    first = _score(8.3 + 1.9 * mood)
    answers: dict[str, Any] = {"nps_company": first}
    if draw.random() < 0.42:
        answers["why"] = _comment(COMMENTS, language, first, draw)
    if whole:
        for question, shift in ASPECTS.items():
            answers[question] = _score(8.2 + 1.9 * (0.75 * mood + 0.66 * draw.gauss(0, 1) + shift))
    more: dict[str, Any] = {"origin": f"{draw.getrandbits(128):032x}", "channel": channel, "language": language}
    if invitation is not None:
        more |= {"invitation": invitation, "customer": invitation.customer, "traits": invitation.traits}
    return _response(version, survey, answers, at, draw, page=None if whole else "parts", **more)


def _response(
    version: Version, survey: Survey, answers: dict[str, Any], at: datetime, draw: Random, *,
    page: str | None = None, **more: Any,
) -> Response:  # fmt: skip
    """Return a response that was begun at an instant; over when it is on no page."""
    seconds = round(10 + draw.lognormvariate(3.3, 0.5) + (25 if "why" in answers else 0), 1)
    ended = at + timedelta(seconds=seconds)
    return Response(
        survey=survey, version=version, key=f"{draw.getrandbits(80):020x}", answers=answers, page=page, started_at=at,
        changed_at=ended, completed_at=None if page else ended, seconds=None if page else seconds, **more,
    )  # fmt: skip


def _make_suspicious(made: Sequence[Response], draw: Random) -> None:
    """Make some of those that came by no invitation look as `surveys.suspicion` marks them; the programs are left out."""
    whole = [response for response in made if response.completed_at and response.invitation is None]
    chosen = draw.sample(whole[1:], 10)
    for response in chosen[:4]:
        _hurry(response, "fast")
    for response in chosen[4:7]:
        # The first answer of a person is not marked, those that follow are.
        response.origin, response.marks = whole[0].origin, ["duplicate"]
    for response in chosen[7:]:
        _hurry(response, "fast", "bot")
        response.context, response.left_out = {"bot": True}, True


def _hurry(response: Response, *marks: str) -> None:
    response.marks, response.seconds = list(marks), 1.0 + 0.2 * len(response.answers)
    response.changed_at = response.completed_at = response.started_at + timedelta(seconds=response.seconds)


def _keep(survey: Survey, made: Sequence[Response]) -> None:
    """Keep responses, and line up the facts of their answers and comments; none of messages: they make response rates."""
    Response.objects.bulk_create(made, batch_size=500)
    rows: dict[str, list[dict[str, Any]]] = {"answers": [], "mentions": []}
    for response in made:
        told = facts_of(response)
        for table in rows:
            rows[table] += told.get(table, [])
    fact_outbox.put(survey.workspace.slug, rows)


def _score(feeling: float) -> int:
    return max(0, min(10, round(feeling)))


def _comment(said: dict[str, tuple[tuple[str, ...], ...]], language: str, score: int, draw: Random) -> str:
    return draw.choice(said.get(language, said["en"])[(score > 6) + (score > 8)])
