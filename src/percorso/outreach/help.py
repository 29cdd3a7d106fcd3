"""Help of the pages of webhooks and channels."""

from percorso.i18n import mark
from percorso.outreach.channel_help import CHANNEL_HELP
from percorso.outreach.policy_help import POLICY_HELP

_WEBHOOKS = (
    mark("Webhooks"),
    (
        mark("A webhook tells another system at once when something has happened here: an import has finished, or a figure has changed more than chance explains."),
        mark("Every event is signed as Standard Webhooks 1.0.0 asks, so that the receiver can check with the secret where it comes from. The secret is shown once, when it is made."),
        mark("What does not arrive is tried again for three days, later and later. After five days of failures, or when the receiver answers 410, the webhook is switched off and the owners are told."),
        mark("Events go to public https addresses only, unless whoever runs percorso allows others."),
    ),
)  # fmt: skip
HELP: dict[str, tuple[str, tuple[str, ...]]] = (
    {"settings_webhooks": _WEBHOOKS, "settings_webhook": _WEBHOOKS} | CHANNEL_HELP | POLICY_HELP
)
