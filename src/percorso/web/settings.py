"""Django's settings, all from ``PERCORSO_*`` (see percorso.config)."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from percorso.config import data_folder, setting

ROOT = Path(__file__).resolve().parents[1]
DATA = data_folder()


def _secret_key() -> str:
    """Return the configured secret, or the one kept in the data folder, made at the first start."""
    if given := str(setting("SECRET_KEY")):
        return given
    file = DATA / "secret_key"
    with suppress(FileNotFoundError):
        return file.read_text()
    # Written whole under its own name, then linked: of processes that start together one key wins, and none reads half of one.
    own = DATA / f"secret_key.{os.getpid()}"
    with open(own, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(secrets.token_urlsafe(50))
    with suppress(FileExistsError):
        os.link(own, file)
    own.unlink()
    return file.read_text()


SECRET_KEY = _secret_key()
DEBUG = bool(setting("DEBUG"))
ALLOWED_HOSTS = [h.strip() for h in str(setting("ALLOWED_HOSTS")).split(",") if h.strip()]
PUBLIC_URL = str(setting("URL")) or f"http://127.0.0.1:{setting('PORT')}"
SECURE = PUBLIC_URL.startswith("https://")
if not setting("DEBUG"):
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "percorso.web.urls"
WSGI_APPLICATION = "percorso.web.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "csp",
    "ninja",
    "percorso.base",
    "percorso.accounts",
    "percorso.customers",
    "percorso.outreach",
    "percorso.sources",
    "percorso.surveys",
    "percorso.insights",
    "percorso.engagement",
    "percorso.web",
]

MIDDLEWARE = [
    "percorso.web.telemetry.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "percorso.web.hardening.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "percorso.accounts.languages.PersonsLanguage",
    "percorso.accounts.closed.Closed",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "percorso.accounts.seen.LastSeen",
    "percorso.base.errors.UserErrors",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps' own: what allauth shows looks like the rest.
        "DIRS": [ROOT / "accounts" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "percorso.web.frame.around",
            ]
        },
    }
]


def _database(url: str) -> dict[str, object]:
    """Return the operational database: SQLite in the data folder, or the PostgreSQL that the URL names."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "percorso.sqlite3",
            # WAL lets pages read while an import writes; IMMEDIATE avoids deadlocks of two writers.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # A connection opened anew for each request costs more than what most requests ask of it.
            "CONN_MAX_AGE": 600,
            # Threads of a test meet in a file, as those of the server do.
            "TEST": {"NAME": DATA / "tests.sqlite3"},
        }
    parts = urlsplit(url)
    options = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        # The server's threads live as long as it does: each keeps one connection.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(str(setting("DATABASE_URL")))}
# Throttling and locks must hold over all processes, so they are kept where all of them look.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("pt-br", "Português (Brasil)"), ("it", "Italiano")]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["percorso.web.formats"]

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]  # fmt: skip
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {
    "login": "percorso.accounts.entrance_forms.SignInForm",
    "reset_password": "percorso.accounts.entrance_forms.LostPasswordForm",
}
ACCOUNT_ADAPTER = "percorso.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "percorso.accounts.adapters.ProviderAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation's link, or the provider, has shown whose address it is
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # an address that is not known gets no mail
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told to its owner
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key", "reset_password": "10/m/ip,3/5m/key", "reauthenticate": "10/m/user", "change_password": "5/m/user"}  # fmt: skip
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "percorso"
MFA_ADAPTER = "percorso.accounts.adapters.SecondFactorAdapter"
ALLAUTH_TRUSTED_PROXY_COUNT = int(str(setting("PROXIES")))
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "EMAIL_AUTHENTICATION": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": str(setting("OIDC_NAME")) or "OpenID Connect",
                "client_id": str(setting("OIDC_CLIENT")),
                "secret": str(setting("OIDC_SECRET")),
                "settings": {"server_url": str(setting("OIDC_URL"))},
            }
        ]
        if setting("OIDC_URL")
        else [],
    }
}

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# The __Host- prefix keeps a neighbouring subdomain from setting our cookies; browsers want https for it.
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "percorso_session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "percorso_csrf"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_SSL_REDIRECT = False  # the reverse proxy's work; see docs/running.md
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if setting("PROXIES") else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
FILE_UPLOAD_TEMP_DIR = None


def _mail(url: str) -> dict[str, object]:
    """Return Django's mail settings: a server, or a folder where mails are kept to be read."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": DATA / "mail"}
    parts = urlsplit(url)
    wrapped = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if wrapped else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": wrapped,
        "EMAIL_USE_TLS": not wrapped and "starttls=no" not in parts.query,
        "EMAIL_TIMEOUT": 20,
    }


globals().update(_mail(str(setting("MAIL_URL"))))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = str(setting("MAIL_FROM"))

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "base" / "built"]
WHITENOISE_USE_FINDERS = True
# The build writes a hash into the names of assets: what a browser has once it never asks for again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/[\w.]+-[0-9A-Za-z]{8,10}\.\w+$"

PROVIDER_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(str(setting("OIDC_URL"))))] if setting("OIDC_URL") else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        # The provider too: browsers hold the redirect that follows a form to this list.
        "form-action": ["'self'", *PROVIDER_ORIGINS],
    }
}
SECURE_REFERRER_POLICY = "same-origin"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "percorso.web.lines.Lines", "form": str(setting("LOG"))}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {"percorso": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
