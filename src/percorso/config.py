"""Every ``PERCORSO_*`` setting: one list from which settings, refusals and the documentation come."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from percorso.errors import UserError
from percorso.i18n import mark


@dataclass(frozen=True)
class Setting:
    """One setting: its name without ``PERCORSO_``, its default as text, what it is for, and how it is read."""

    name: str
    default: str
    about: str
    read: Callable[[str], object] = str
    secret: bool = False


class BadSetting(UserError):
    """A setting that percorso refuses to start with."""


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a time zone such as America/Sao_Paulo or Europe/Rome") from error
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError("a port between 1 and 65535")
    return int(text)


def _switch(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("true or false")


def _folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _database(text: str) -> str:
    if text and not text.startswith(("postgres://", "postgresql://")):
        raise ValueError("empty for SQLite in the data folder, or postgres://user:password@host/database")
    return text


def _address(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("an address such as https://percorso.example.com")
    return text.rstrip("/")


def _mail(text: str) -> str:
    if text and not text.startswith(("smtp://", "smtps://")):
        raise ValueError("smtp://user:password@host:587 (STARTTLS where offered) or smtps://user:password@host:465")
    return text


def _choice(*known: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(" or ".join(known))
        return text

    return read


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("a whole number, 0 or more")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise ValueError("a whole number, 1 or more")
    return int(text)


SETTINGS = (
    Setting("DATA", "percorso-data", "the data folder: both stores, rejected rows, the secret key", _folder),
    Setting("ANALYTICS_URL", "", "where figures come from: empty for one DuckDB file in the data folder, or clickhouse://user:password@host/database", secret=True),
    Setting("MEMORY", "1GB", "memory that DuckDB may use, e.g. 2GB"),
    Setting("TIME_ZONE", "America/Sao_Paulo", "reporting time zone of new workspaces", _zone),
    Setting("HOST", "127.0.0.1", "address that `percorso serve` listens on"),
    Setting("PORT", "8000", "port that `percorso serve` listens on", _port),
    Setting("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", "host names by which percorso may be reached, with commas"),
    Setting("DEBUG", "false", "show details of errors in the browser; never on a public server", _switch),
    Setting("DATABASE_URL", "", "the operational database: empty for SQLite in the data folder, or postgres://user:password@host/database", _database, secret=True),
    Setting("URL", "", "the address by which people reach percorso, e.g. https://percorso.example.com; links in mails begin with it, https makes cookies secure; empty for this machine and PERCORSO_PORT", _address),
    Setting("MAIL_URL", "", "how mail is sent: smtp://user:password@host:587; empty keeps mails in the folder mail/ of the data folder", _mail, secret=True),
    Setting("MAIL_FROM", "percorso <percorso@localhost>", "the sender of mails"),
    Setting("OWNER", "owner@percorso.local", "e-mail address of the owner that the first start creates"),
    Setting("DEMO_SIGN_IN", "true", "whether anybody may look at the demo company with one click", _switch),
    Setting("OIDC_NAME", "", "name of the OpenID Connect provider, as the sign-in page shows it"),
    Setting("OIDC_URL", "", "address of the OpenID Connect provider, e.g. https://login.example.com/realms/main"),
    Setting("OIDC_CLIENT", "", "client id at the OpenID Connect provider"),
    Setting("OIDC_SECRET", "", "client secret at the OpenID Connect provider", secret=True),
    Setting("PROXIES", "0", "how many reverse proxies stand before percorso: their X-Forwarded-For is believed", _count),
    Setting("WORKERS", "2", "threads of one process that carry out jobs; 0: other processes do it (`percorso worker`)", _count),
    Setting("UPLOAD_LIMIT_MB", "2048", "largest file that may be uploaded, in megabytes", _count),
    Setting("PRIVATE_WEBHOOKS", "false", "whether webhooks, gateways and mail servers of workspaces may be at private addresses, e.g. inside of the own network", _switch),
    Setting("SOURCE_REQUESTS", "10000", "requests a second that one source of events may make, where its own page does not say another number", _positive),
    Setting("EVENT_NAMES", "10000", "how many different names the events of one workspace may have; calls with a further one are refused", _positive),
    Setting("METRICS_TOKEN", "", "lets a Prometheus on another machine read /metrics, as its bearer token; this machine itself needs none", secret=True),
    Setting("LOG", "text", "form of the log lines: text or json", _choice("text", "json")),
    Setting("SECRET_KEY", "", "signs cookies; empty makes one and keeps it in the data folder", secret=True),
)  # fmt: skip
_BY_NAME = {s.name: s for s in SETTINGS}


def setting(name: str) -> object:
    """Return a setting's value from ``PERCORSO_<name>``, from the file that ``PERCORSO_<name>_FILE`` names, or its default.

    Raises
    ------
    BadSetting : the value cannot be used; the message names the setting and what it takes.
    """
    spec = _BY_NAME[name]
    text = os.environ.get(f"PERCORSO_{name}")
    file = os.environ.get(f"PERCORSO_{name}_FILE")
    if text is None and file:
        text = Path(file).read_text().strip()
    try:
        return spec.read(text if text is not None else spec.default)
    except ValueError as error:
        raise BadSetting(
            mark("PERCORSO_{name} cannot be {value}: give {expected}."),
            name=name,
            value=repr("…" if spec.secret else text),
            expected=str(error),
        ) from error


def data_folder() -> Path:
    """Return the data folder, made when it does not exist."""
    folder = setting("DATA")
    assert isinstance(folder, Path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            mark("The data folder {folder} cannot be made: {reason}. Give another one in PERCORSO_DATA."),
            folder=str(folder),
            reason=error.strerror,
        ) from error
    return folder
