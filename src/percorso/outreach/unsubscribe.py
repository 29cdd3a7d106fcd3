"""Links by which somebody unsubscribes (RFC 8058) or chooses what they get: sealed, so that they tell nobody an address."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.urls import reverse

from percorso.accounts.models import Workspace

SALT = b"percorso.outreach.unsubscribe"
LONGEST = 1500


@dataclass(frozen=True)
class Recipient:
    """Whom a link is for: an address of a channel, in a workspace, and the purpose of the message that it stood in."""

    workspace: Workspace
    channel: str
    address: str
    purpose: str
    customer: str


def unsubscribe_link(workspace: Workspace, channel: str, address: str, purpose: str, customer: str = "") -> str:
    """Return the address for ``List-Unsubscribe`` and for the link in a message.

    `address` : in the form that the channel compares. The link holds as long as the installation's secret key.
    """
    return settings.PUBLIC_URL + reverse("unsubscribe", args=[token_of(workspace, channel, address, purpose, customer)])


def preferences_link(workspace: Workspace, channel: str, address: str, purpose: str, customer: str = "") -> str:
    """Return the address at which somebody chooses what they get."""
    return settings.PUBLIC_URL + reverse("preferences", args=[token_of(workspace, channel, address, purpose, customer)])


def token_of(workspace: Workspace, channel: str, address: str, purpose: str, customer: str = "") -> str:
    """Return the sealed part of the links; the same person and purpose get the same one."""
    told = json.dumps([workspace.pk, channel, address, purpose, customer], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(_seals()[0].encrypt(told.encode(), [SALT])).decode().rstrip("=")


def recipient_of(token: str) -> Recipient | None:
    """Return whom a token is for; None when it is not ours, or the workspace is gone."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        return None
    for seal in _seals():
        try:
            pk, *rest = json.loads(seal.decrypt(sealed, [SALT]))
        except (InvalidTag, ValueError):
            continue
        workspace = Workspace.objects.filter(pk=pk).first()
        return Recipient(workspace, *rest) if workspace else None
    return None


def _seals() -> list[AESSIV]:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [AESSIV(hashlib.blake2b(key.encode(), key=SALT, digest_size=64).digest()) for key in keys]
