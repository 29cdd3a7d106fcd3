"""What the search finds among the account's and the settings' pages."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.accounts.settings_views import TABS
from percorso.base.find import Found, by_fitness, matches
from percorso.i18n import mark

OWN = (
    ("me", mark("My account"), "user"),
    ("account_change_password", mark("Change the password"), "lock"),
    ("mfa_index", mark("Second factor"), "shield-check"),
    ("usersessions_list", mark("Where you are signed in"), "device-laptop"),
    ("workspace_new", mark("New workspace"), "plus"),
)


def find(membership: Membership, text: str) -> list[Found]:
    """Return the tabs of the settings that the role allows and the pages of one's own account."""
    slug = membership.workspace.slug
    tabs = [
        Found(gettext(label), gettext("Settings"), reverse(name, args=[slug]), "settings")
        for name, label, what in TABS
        if membership.may(what)
    ]
    own = [
        Found(gettext(label), gettext("My account"), reverse(name), icon)
        for name, label, icon in OWN
        if not membership.person.is_demo
    ]
    return by_fitness(text, [each for each in tabs + own if matches(text, each.label, each.hint)])
