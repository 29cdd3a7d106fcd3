"""The contact policy in words: channels, reasons, what it means."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext, ngettext

from percorso.analytics.calendar import zone
from percorso.base.words import count, day_and_time, locale
from percorso.i18n import mark
from percorso.outreach.channel import CHANNELS
from percorso.outreach.models import ContactPolicy, Suppression
from percorso.outreach.policy import REASONS

INSTANTS = ("last", "until")
# Reasons in a word or two, for charts and filters.
NAMES = {
    "no_address": mark("No address"),
    "bounced": mark("Messages came back"),
    "complained": mark("Complained"),
    "unsubscribed": mark("Unsubscribed"),
    "by_hand": mark("On the list of those who get nothing"),
    "paused": mark("Paused by the person"),
    "withdrawn": mark("Consent withdrawn"),
    "no_consent": mark("No consent"),
    "identical": mark("Same message within 12 hours"),
    "cap": mark("Cap over all channels"),
    "channel_cap": mark("Cap of the channel"),
    "gap": mark("Asked this survey lately"),
    "sample": mark("Not drawn"),
    "queue": mark("Another survey went first"),
}
# What receivers of `message_leaving` say of messages that nobody wants any more.
HELD = {
    "answered": mark("It was answered"),
    "cancelled": mark("It was cancelled"),
    "closed": mark("The survey was closed"),
    "expired": mark("It had expired"),
}


def channel_words(key: str) -> str:
    """Return a channel in words; its key when this installation does not know it any more."""
    return gettext(CHANNELS[key].label) if key in CHANNELS else key


def because_words(row: Suppression) -> str:
    """Return why an address gets nothing."""
    return str(row.get_because_display())


def reason_name(because: str) -> str:
    """Return a reason in a word or two."""
    return gettext(NAMES[because]) if because in NAMES else because


def reason_words(because: str, details: Mapping[str, Any], time_zone: str) -> str:
    """Return why somebody was not asked, as a sentence."""
    if because not in REASONS:
        return because
    return gettext(REASONS[because]).format_map(_Places({k: _told(k, v, time_zone) for k, v in details.items()}))


class _Places(dict[str, str]):
    """Places of a sentence; what is not known is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _told(name: str, value: Any, time_zone: str) -> str:
    if name in INSTANTS:
        return str(day_and_time(datetime.fromisoformat(str(value)).astimezone(zone(time_zone))))
    if isinstance(value, int | float):
        return str(format_decimal(value, "#,##0.##", locale=locale()))
    return str(value)


def meaning(row: ContactPolicy) -> list[str]:
    """Return the policy as sentences."""
    if row.most is None:
        told = [gettext("A customer gets any number of messages: there is no overall cap.")]
    else:
        told = [_overall(row.most, row.days)]
    told += [_of_channel(channel_words(key), cap["most"], cap["days"]) for key, cap in sorted(row.channels.items())]
    hours = gettext("Messages go out between {first}:00 and {last}:00, local time of the workspace.")
    return [*told, hours.format(first=row.first_hour, last=row.last_hour)]


def _overall(most: int, days: int) -> str:
    if days == 1:
        said = ngettext(
            "A customer gets at most {n} message within a day, over all channels together.",
            "A customer gets at most {n} messages within a day, over all channels together.", most,
        )  # fmt: skip
    else:
        said = ngettext(
            "A customer gets at most {n} message in any {days} days, over all channels together.",
            "A customer gets at most {n} messages in any {days} days, over all channels together.", most,
        )  # fmt: skip
    return said.format(n=count(most), days=count(days))


def _of_channel(channel: str, most: int, days: int) -> str:
    if days == 1:
        said = ngettext(
            "{channel}: at most {n} message within a day.", "{channel}: at most {n} messages within a day.", most
        )
    else:
        said = ngettext(
            "{channel}: at most {n} message in any {days} days.", "{channel}: at most {n} messages in any {days} days.",
            most,
        )  # fmt: skip
    return said.format(channel=channel, n=count(most), days=count(days))
