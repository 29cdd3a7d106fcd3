"""Telling people of alarms: inside the pages, by one mail a person in their language, and other systems by webhook."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from percorso.accounts.actions import notify
from percorso.accounts.models import Person, Workspace
from percorso.base import jobs
from percorso.base.outbox import publish
from percorso.i18n import mark
from percorso.insights.alerting.sentences import causes, sentence_of, sure
from percorso.insights.models import Alarm, Finding, Watch
from percorso.insights.reports.look import inlined

MAIL = "mail_alarms"


def tell(workspace: Workspace, alarms: Sequence[Alarm]) -> None:
    """Tell of new alarms: everybody of the workspace by a notice, who is named by mail, other systems by webhook."""
    if not alarms:
        return
    members = list(Person.objects.filter(memberships__workspace=workspace, is_active=True))
    for alarm in alarms:
        for person in members:
            _notice(workspace, alarm, person)
        publish("alarm.raised", workspace.slug, facts_of(alarm), key=f"alarm:{alarm.pk}")
    for person in members:
        mine = [alarm.pk for alarm in alarms if not person.is_demo and _named(alarm, person)]
        if mine:
            key = f"alarm-mail:{person.pk}:{mine[0]}"
            jobs.enqueue(MAIL, workspace=workspace.slug, key=key, person=person.pk, alarms=mine)


def remind(workspace: Workspace, alarms: Iterable[Alarm]) -> None:
    """Tell inside the pages that what was snoozed is still open."""
    for alarm in alarms:
        for person in Person.objects.filter(memberships__workspace=workspace, is_active=True):
            _notice(workspace, alarm, person, mark("Still so after the snooze: {sentence}"))


def _notice(workspace: Workspace, alarm: Alarm, person: Person, text: str = mark("Alert: {sentence}")) -> None:
    lead, others = lead_of(alarm)
    with translation.override(person.language or workspace.language):
        said = sentence_of(lead)
        if others:
            said = f"{said} {_more(len(others))}"
    tone = {True: "good", False: "bad", None: "plain"}[lead.good]
    notify([person], workspace, text, {"sentence": said}, href=address_of(alarm), tone=tone)


def lead_of(alarm: Alarm) -> tuple[Finding, list[Finding]]:
    """Return the finding to speak of first, the least likely to be noise, and the others."""
    found = sorted(alarm.findings.all(), key=lambda f: (1.0 if f.chance is None else f.chance, f.pk))
    return found[0], found[1:]


def address_of(alarm: Alarm) -> str:
    """Return the page of an alarm."""
    return reverse("alerts_alarm", args=[alarm.workspace.slug, alarm.pk])


def _more(n: int) -> str:
    return ngettext("{n} other figure moved with it.", "{n} other figures moved with it.", n).format(n=n)


def _named(alarm: Alarm, person: Person) -> bool:
    return Watch.objects.filter(findings__alarm=alarm, people=person).exists()


def facts_of(alarm: Alarm) -> dict[str, Any]:
    """Return what other systems are told of an alarm; nothing of it is personal."""
    return {
        "alarm": alarm.pk,
        "day": alarm.day.isoformat(),
        "url": settings.PUBLIC_URL + address_of(alarm),
        "findings": [
            {
                "watch": finding.watch_id,
                "indicator": finding.indicator,
                "direction": finding.direction,
                "good": finding.good,
                "day": finding.day.isoformat(),
                "since": finding.since.isoformat() if finding.since else None,
                "chance": finding.chance,
                "sentence": _in(alarm.workspace.language, finding),
                "contributors": [
                    {name: c[name] for name in ("column", "value", "before", "after", "share")}
                    for c in finding.contributors
                ],
            }
            for finding in alarm.findings.all()[:20]
        ],
    }


def _in(language: str, finding: Finding) -> str:
    with translation.override(language):
        return sentence_of(finding)


def send_mail(person: Person, workspace: Workspace, alarms: Sequence[Alarm]) -> None:
    """Send one mail about some alarms to a person, in their language."""
    with translation.override(person.language or workspace.language):
        told = [_told(alarm, person) for alarm in alarms]
        if len(told) == 1:
            subject = gettext("{workspace}: {sentence}").format(workspace=workspace.name, sentence=told[0]["sentence"])
        else:
            subject = ngettext("{workspace}: {n} alert", "{workspace}: {n} alerts", len(told)).format(
                workspace=workspace.name, n=len(told)
            )
        context = {
            "alarms": told,
            "workspace": workspace,
            "subject": subject,
            "watches": settings.PUBLIC_URL + reverse("alerts_watches", args=[workspace.slug]),
            "language": translation.get_language(),
        }
        mail = EmailMultiAlternatives(" ".join(subject.split()), _text(context), None, [person.email])
        mail.attach_alternative(inlined(render_to_string("insights/alerts/mail.html", context)), "text/html")
    mail.send()


def _told(alarm: Alarm, person: Person) -> dict[str, Any]:
    lead, others = lead_of(alarm)
    return {
        "sentence": sentence_of(lead),
        "sure": sure(lead.watch.alert, lead.chance, lead.params.get("grain", "day")),
        "causes": causes(lead),
        "others": [sentence_of(finding) for finding in others],
        "good": lead.good,
        "href": settings.PUBLIC_URL + address_of(alarm),
    }


def _text(context: dict[str, Any]) -> str:
    lines: list[str] = []
    for alarm in context["alarms"]:
        lines += [alarm["sentence"], *filter(None, [alarm["sure"]])]
        lines += [f"- {text}" for text in alarm["causes"]]
        if alarm["others"]:
            lines += ["", gettext("What moved with it:"), *(f"- {text}" for text in alarm["others"])]
        lines += ["", alarm["href"], "", ""]
    return "\n".join([*lines, _why(), context["watches"]]) + "\n"


def _why() -> str:
    return gettext("You get this mail because an alert names you. Alerts are changed, snoozed and switched off here:")
