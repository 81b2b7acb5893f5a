"""Django's settings, computed from :mod:`passerelle.node.configuration`.

Nothing here is meant to be edited by an operator. Pages may load only what the node itself serves;
no inline style or script is allowed; nobody sees a page without having signed in.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from passerelle.node.configuration import configuration
from passerelle.node.database import connection_settings
from passerelle.node.folder import read_secret_key
from passerelle.node.static_headers import add_static_headers

_configuration = configuration()
_source: Final = Path(__file__).resolve().parent.parent

# Without a data folder (tests, type checks) the key lives as long as the process; serving refuses.
SECRET_KEY = (
    _configuration.secret_key.get_secret_value()
    or read_secret_key(_configuration.data)
    or secrets.token_urlsafe(48)
)
DEBUG = False
ALLOWED_HOSTS = list(_configuration.allowed_hosts)
ROOT_URLCONF = "passerelle.node.urls"
ASGI_APPLICATION = "passerelle.node.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rules.apps.AutodiscoverRulesConfig",
    "passerelle.node.audit",
    "passerelle.node.accounts",
    "passerelle.node.events",
    "passerelle.node.forces",
    "passerelle.node.plans",
    "passerelle.node.feeds",
    "passerelle.node.jobs",
    "passerelle.node.exchange",
    "passerelle.node.national",
    "passerelle.node.casework",
    "passerelle.node.dossiers",
    "passerelle.node.exercise",
    "passerelle.node.reinforcement",
    "passerelle.desk",
]

MIDDLEWARE = [
    "servestatic.middleware.ServeStaticMiddleware",
    "passerelle.node.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "passerelle.node.accounts.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [  # Any: Django's own shape
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_source / "desk" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "passerelle.node.context.node",
            ],
        },
    }
]

DATABASES = {
    "default": connection_settings(
        _configuration.database_url.get_secret_value(),
        _configuration.data,
        _configuration.database_wait_s,
    )
}

# Sign-in: user name and password first, then a passkey or an authenticator; or a passkey alone.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 14},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "passerelle.node.accounts.adapter.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = _configuration.title
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _configuration.https
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# Sessions, cookies, headers.
SESSION_COOKIE_AGE = int(timedelta(hours=_configuration.session_hours).total_seconds())
SESSION_COOKIE_NAME = f"passerelle_{_configuration.node.replace('-', '_')}"
CSRF_COOKIE_NAME = f"{SESSION_COOKIE_NAME}_csrf"
CSRF_FAILURE_VIEW = "passerelle.desk.views.errors.stale"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _configuration.https
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _configuration.https else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

# Languages and time.
USE_I18N = True
USE_TZ = True
LANGUAGE_CODE = _configuration.language
LANGUAGES = [("fr", "Français"), ("en", "English"), ("ar", "العربية")]
LANGUAGE_COOKIE_NAME = "passerelle_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [_source / "desk" / "locale"]
TIME_ZONE = _configuration.time_zone

# Static files: names with a hash once they are gathered in the data folder.
STATIC_URL = "/static/"
STATIC_ROOT = _configuration.data / "static"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
_is_gathered = (STATIC_ROOT / "staticfiles.json").is_file()
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": _configuration.data / "files"},
    },
    "staticfiles": {
        "BACKEND": (
            "servestatic.storage.CompressedManifestStaticFilesStorage"
            if _is_gathered
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
SERVESTATIC_USE_FINDERS = not _is_gathered
SERVESTATIC_AUTOREFRESH = False
SERVESTATIC_ADD_HEADERS_FUNCTION = add_static_headers

# Logs are structlog's business (passerelle.node.logs); Django's own set-up is left alone.
LOGGING_CONFIG = None
