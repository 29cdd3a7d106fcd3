"""How allauth meets our people: nobody signs up uninvited, and what happens is written into the audit log."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from percorso.accounts import audit
from percorso.accounts.actions import accept_invitation
from percorso.accounts.models import Person
from percorso.accounts.queries import open_invitations_for


class AccountAdapter(DefaultAccountAdapter):
    """People come by an invitation's link or the first start's, never by a form that is open to all."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        person = Person.objects.filter(email=str(credentials.get("email") or "").strip().lower()).first()
        if person:
            audit.record_everywhere("sign_in_failed", person)
        else:
            audit.record("sign_in_failed", None, by="–")

    def get_reset_password_from_key_url(self, key: str) -> str:
        # The address of the settings, not the Host header of whoever asks.
        person, _, secret = key.partition("-")
        return settings.PUBLIC_URL + reverse("account_reset_password_from_key", args=[person, secret])

    def send_password_reset_mail(self, user: Person, email: str, context: dict[str, Any]) -> None:
        if user.is_demo:
            return
        with translation.override(user.language or translation.get_language()):
            super().send_password_reset_mail(user, email, context)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("me")


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Whoever the OpenID Connect provider vouches for may come in when they are known here or invited."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        email = (sociallogin.user.email or "").lower()
        vouched = any(a.verified and a.email.lower() == email for a in sociallogin.email_addresses)
        return vouched and open_invitations_for(email).exists()

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Person:
        person: Person = super().save_user(request, sociallogin, form)
        for invitation in open_invitations_for(person.email):
            accept_invitation(invitation, person)
        return person

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Person:
        person: Person = super().populate_user(request, sociallogin, data)
        person.email = (person.email or "").lower()
        person.name = (data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}").strip()
        return person


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are kept encrypted: who copies the database without the secret key has none of them."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"percorso.second-factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
