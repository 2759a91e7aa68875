"""Every setting of ChargeNet; all come from the environment, see docs/settings.md."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from chargenet.embedded import addresses
from chargenet.env import (
    PRIVATE_NETWORKS,
    check_networks,
    database_from_url,
    env_address,
    env_bool,
    env_int,
    env_list,
    env_secret,
    env_str,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = addresses.var_dir()
DEBUG = env_bool("DEBUG", default=True)


def _demo_secret(name: str) -> str:
    """Return a secret kept in var/, made on first use: only the demo has one that nobody chose."""
    path = VAR_DIR / "secrets" / name.lower()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def _required(name: str, value: str) -> str:
    if value:
        return value
    raise ImproperlyConfigured(
        f"{name} is missing. With DEBUG=0 nothing has a default: set {name} or {name}_FILE."
    )


def _secret(name: str) -> str:
    value = env_secret(name)
    if not value and DEBUG:
        value = _demo_secret(name)
    return _required(name, value)


SECRET_KEY = _secret("SECRET_KEY")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["*"] if DEBUG else [])
_required("ALLOWED_HOSTS", ",".join(ALLOWED_HOSTS))
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])
CSRF_FAILURE_VIEW = "chargenet.dashboard.views.account.say_stale"
PUBLIC_URL = env_str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
# Where stations fetch firmware and leave logs: the web process, as their network reaches it.
TRANSFER_URL = env_str("TRANSFER_URL", PUBLIC_URL).rstrip("/")
GATEWAY_URL = env_str("GATEWAY_URL", "ws://127.0.0.1:9000").rstrip("/")
OCPP_CALL_TIMEOUT_S = env_int("OCPP_CALL_TIMEOUT_S", 30)
OCPP_CLOSE_WITHOUT_VERSION = env_bool("OCPP_CLOSE_WITHOUT_VERSION", default=False)
# --- stations' doors -------------------------------------------------------------------------
# What must be read again, as a password on its way to a station, is sealed with this. Several,
# separated by commas: the first seals, each opens.
FIELD_KEYS = [key for key in _secret("FIELD_KEY").split(",") if key]
# Who ends TLS in front of the gateway. Only what comes from there may say so, and whose
# certificate it saw; "unix" is a socket without an address.
TLS_FRONT = env_list("TLS_FRONT", [])
TLS_FRONT_SECRET = env_secret("TLS_FRONT_SECRET")
# Whence stations may come without TLS (profiles 0 and 1). The demo's own machine and its nets.
TRUSTED_NETWORKS = env_list("TRUSTED_NETWORKS", PRIVATE_NETWORKS if DEBUG else [])
HIDE_UNKNOWN = env_bool("HIDE_UNKNOWN", default=False)
COST_WITHIN_MS = env_int("COST_WITHIN_MS", 20)
DEFAULT_SECURITY_PROFILE = 1 if DEBUG else 2
# A folder an operator with CA.pem and CA.key that may sign what stations ask for.
CERTIFICATE_FOLDER = env_str("CERTIFICATE_FOLDER")
for _name, _networks in (("TLS_FRONT", TLS_FRONT), ("TRUSTED_NETWORKS", TRUSTED_NETWORKS)):
    check_networks(_name, _networks)

INSTALLED_APPS = [
    # Only a released migration needs it: the admin has no address, row-level security binds the
    # web role for superusers too, and each deed has its own audited page or command.
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "djmoney",
    "channels",
    "chargenet.core",
    "stations",
    "billing",
    "faults",
    "revenue",
    "chargenet.dashboard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chargenet.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "chargenet.middleware.TenantMiddleware",
    "chargenet.middleware.LocalTimeMiddleware",
    "chargenet.middleware.PlainAnswersMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "chargenet.urls"
ASGI_APPLICATION = "chargenet.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chargenet.dashboard.navigation.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "chargenet.dashboard.templatetags.design",
            ],
        },
    },
]

# --- store ---------------------------------------------------------------------------------
# What a process may see is decided by its database role: owner migrates, web is walled by
# row-level security, system (gateway, workers, commands) carries every operator.
DB_ROLE = env_str("CHARGENET_DB_ROLE", "system")
if DB_ROLE not in {"owner", "web", "system"}:
    raise ImproperlyConfigured(f"CHARGENET_DB_ROLE={DB_ROLE!r}: use owner, web or system.")
DATABASE_ROLES = {"owner": "", "web": "chargenet_web", "system": "chargenet_system"}


def _database() -> dict[str, object]:
    own = env_secret(f"DATABASE_URL_{DB_ROLE.upper()}")
    if own:
        return database_from_url(own, "")
    url = env_secret("DATABASE_URL") or (addresses.database_url() if DEBUG else "")
    return database_from_url(_required("DATABASE_URL", url), DATABASE_ROLES[DB_ROLE])


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = _required(
    "REDIS_URL", env_secret("REDIS_URL") or (addresses.redis_url() if DEBUG else "")
)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

# --- people --------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- language and time ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
# Ours go before the words of the packages we install.
LOCALE_PATHS = [BASE_DIR / app / "locale" for app in ("chargenet", "billing", "faults", "revenue")]
TIME_ZONE = "UTC"
# chargenet.core.formats writes figures; a number in a form or an id stays as it is.
USE_THOUSAND_SEPARATOR = False

# --- money ---------------------------------------------------------------------------------
CURRENCIES = ("SEK", "EUR", "NOK", "DKK", "ISK", "GBP", "USD")
DEFAULT_CURRENCY = "SEK"
# Who may move money; the demo's provider charges nobody.
PAYMENT_PROVIDERS = env_list("PAYMENT_PROVIDERS", ["demo"] if DEBUG else [])

# --- files ---------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# The demo serves files where they lie; production serves what collectstatic gathered.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
STATICFILES_DIRS = [BASE_DIR / "chargenet" / "static"]
# Firmware and logs: shared by every web process and worker, served by no address of its own.
PRIVATE_FILES = env_str("PRIVATE_FILES", str(VAR_DIR / "private"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": PRIVATE_FILES,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- work in the background ----------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)

# --- mail ----------------------------------------------------------------------------------
EMAIL_BACKEND = env_str(
    "EMAIL_BACKEND",
    f"django.core.mail.backends.{'console' if DEBUG else 'smtp'}.EmailBackend",
)
EMAIL_HOST = env_str("EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=False)
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "ChargeNet <no-reply@localhost>")
PRIVATE_WEBHOOKS = env_bool("PRIVATE_WEBHOOKS", default=False)
DEADMAN_URL = env_address("DEADMAN_URL")

# --- walls ---------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not DEBUG:
    SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env_int("SECURE_HSTS_SECONDS", 63_072_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

REST_FRAMEWORK = {
    # The framework's own HTML has styles of its own, which our policy rightly stops.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ChargeNet API",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env_str("LOG_LEVEL", "INFO")},
    "loggers": {"ocpp": {"level": "ERROR"}},
}
