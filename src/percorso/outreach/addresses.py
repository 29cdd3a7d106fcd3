"""Addresses in the form in which they are kept and compared, whatever was typed."""

from percorso.accounts.models import Workspace
from percorso.outreach import endings
from percorso.outreach.channel import CHANNELS


class Addresses:
    """What each channel makes of an address; its settings (a default country) are read once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._settings: dict[str, object] = {}

    def compared(self, channel: str, address: str) -> str:
        """Return an address as its channel compares it; as it stands, in small letters, where the channel cannot tell."""
        return self.typed(channel, address) or address.strip().casefold()

    def typed(self, channel: str, address: str) -> str:
        """Return an address that somebody typed; empty when the channel says that it is none.

        `channel` : empty when it is not said: what has an @ is taken for a mail address, everything else for a phone.
        """
        key = channel or ("email" if "@" in address else "sms")
        if not address.strip() or key not in CHANNELS:
            return ""
        if key not in self._settings:
            self._settings[key] = endings.settings_of(self._workspace, key)
        return CHANNELS[key].compared(address, self._settings[key])
