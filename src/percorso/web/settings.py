"""Django's settings, all from ``PERCORSO_*`` (see percorso.config)."""

import os
import secrets
from pathlib import Path

from percorso.config import data_folder, setting

ROOT = Path(__file__).resolve().parents[1]
DATA = data_folder()


def _secret_key() -> str:
    """Return the configured secret, or the one kept in the data folder, made at the first start."""
    if given := str(setting("SECRET_KEY")):
        return given
    file = DATA / "secret_key"
    try:
        # O_EXCL: of two processes that start together, one makes the key and both use it.
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(handle, "w") as out:
        key = secrets.token_urlsafe(50)
        out.write(key)
    return key


SECRET_KEY = _secret_key()
DEBUG = bool(setting("DEBUG"))
ALLOWED_HOSTS = [h.strip() for h in str(setting("ALLOWED_HOSTS")).split(",") if h.strip()]
ROOT_URLCONF = "percorso.web.urls"
WSGI_APPLICATION = "percorso.web.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "percorso.base",
    "percorso.accounts",
    "percorso.sources",
    "percorso.insights",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "percorso.base.errors.UserErrors",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "percorso.sqlite3",
        # WAL lets pages read while an import writes; IMMEDIATE avoids deadlocks of two writers.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("pt-br", "Português (Brasil)"), ("it", "Italiano")]
LOCALE_PATHS = [ROOT / "locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "base" / "built"]
WHITENOISE_USE_FINDERS = True
# The build writes a hash into the names of assets: what a browser has once it never asks for again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/[\w.]+-[0-9A-Za-z]{8,10}\.\w+$"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
