"""How allauth meets our people: nobody signs up uninvited, and what happens is written into the audit log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from percorso.accounts.models import Invitation, Person


class AccountAdapter(DefaultAccountAdapter):
    """People come by an invitation's link or the first start's, never by a form that is open to all."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Whoever the OpenID Connect provider vouches for may come in when they are known here or invited."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        email = (sociallogin.user.email or "").lower()
        return Invitation.objects.filter(email=email, accepted_at=None).exists()

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Person:
        person: Person = super().populate_user(request, sociallogin, data)
        person.email = (person.email or "").lower()
        person.name = (data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}").strip()
        return person
