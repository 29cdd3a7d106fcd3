"""Help of the pages of channels."""

from percorso.i18n import mark

_CHANNELS = (
    mark("Channels"),
    (
        mark("A channel is a way to reach customers: e-mail, SMS, WhatsApp. Here owners say how messages go out, and see whether they do."),
        mark("E-mail works at once by the mail server of the installation. Give a server of your own when mails should come from your domain; then set SPF, DKIM and DMARC there, or mails end among the spam."),
        mark("SMS and WhatsApp go to a gateway of yours: percorso sends it one signed request a message, and it tells percorso what became of it."),
        mark("An address that does not exist, or that reports a message as unwanted, is never written to again."),
    ),
)  # fmt: skip
_CHANNEL = (
    mark("A channel"),
    (
        mark("Save the settings, then send yourself a test: what became of it appears on this page within seconds. Passwords are never shown again; an empty field leaves them as they are."),
        mark("When a server does not answer or does not let percorso in, messages wait and are tried again for two days, later and later. The table shows what the server said."),
        mark("Switched off, nothing goes out by this channel: messages wait until it is switched on again."),
        mark("Mails that come back are read from the mailbox that you name. Gateways and mail providers may instead tell percorso at the address shown, signed with the secret of the channel."),
    ),
)  # fmt: skip
CHANNEL_HELP: dict[str, tuple[str, tuple[str, ...]]] = {"settings_channels": _CHANNELS, "settings_channel": _CHANNEL}
