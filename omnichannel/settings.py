"""One file, read from the environment; docs/operations.md lists every variable."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from psycopg import IsolationLevel
from whitenoise.compress import Compressor

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(int(default))).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def address(name: str, default: str) -> str:
    """From the environment, else of the private server that `make run` runs now."""
    file = VAR / "run" / name
    return os.environ.get(name) or (file.read_text() if file.exists() else default)


DEBUG = flag("DEBUG")
# Lint and tests need none; whatever serves or works refuses to start with it.
NO_SECRET_KEY = "only-for-checks"  # noqa: S105
# The supervisor writes var/secret_key; a real installation sets SECRET_KEY.
SECRET_KEY = os.environ.get("SECRET_KEY") or (
    (VAR / "secret_key").read_text().strip() if (VAR / "secret_key").exists() else NO_SECRET_KEY
)
# Keys of before a change: what they signed or encrypted is still read.
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "omnichannel.accounts",
    "omnichannel.jobs",
    "omnichannel.web",
    "omnichannel.api",
    "omnichannel.catalog",
    "omnichannel.locations",
    "omnichannel.eventstream",
    "omnichannel.imports",
    "omnichannel.exports",
    "omnichannel.embedded",
    "inventory",
    "asn",
    "transfers",
    "counts",
    "fulfilment",
    "overview",
    "demo",
    "omnichannel.accounts.apps.ManagerAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_tables2",
    "django_filters",
    "django_htmx",
    # Its files are those of the page of the API; no operation of it is used as it comes.
    "ninja",
    "csp",
    "lucide",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_prometheus",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Above whatever may answer by itself, so that every answer carries both headers.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "omnichannel.web.middleware.CloseCamera",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "omnichannel.api.middleware.MachineRequests",
    "omnichannel.web.middleware.RefuseUnstorableText",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "omnichannel.accounts.language.ReadersLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "omnichannel.accounts.middleware.RequireSecondFactor",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "omnichannel.urls"
WSGI_APPLICATION = "omnichannel.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "omnichannel.web.shell.shell",
                "omnichannel.accounts.language.choice",
            ],
        },
    },
]
# Form widgets come from templates/ too, so that none carries an inline style.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(
            address("DATABASE_URL", "postgresql://omnichannel@localhost/omnichannel"),
            engine="django.db.backends.postgresql",
            conn_max_age=None,
            conn_health_checks=True,
        )
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    isolation_level=IsolationLevel.READ_COMMITTED,
    # PERFORMANCE: a page is one core's work, and its rows are in memory.
    options="-c max_parallel_workers_per_gather=0 -c random_page_cost=1.1 -c jit=off",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Nothing that decides an outcome lives in Redis, so the cache does not either.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "omnichannel.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ---------------------------------------------------------------- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "omnichannel.accounts.adapter.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 30 * 60
# Wrong passwords and codes are counted by django-axes, in the database, by user and address.
# These limits are per web process, against one address that tries many users, and against a
# password that is guessed from a session left open.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": None,
    "reauthenticate": "20/m/user",
    "change_password": "20/m/user",
}
MFA_ADAPTER = "omnichannel.accounts.adapter.InlineCode"
MFA_FORMS = {
    "authenticate": "omnichannel.accounts.forms.AuthenticateForm",
    "reauthenticate": "omnichannel.accounts.forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Omnichannel Manager"
# On: whoever can adjust, complete, force-close or manage users must enrol a second factor.
REQUIRE_TWO_FACTOR = flag("REQUIRE_TWO_FACTOR")
# How many proxies of ours stand in front; none is believed about a client's address by default.
PROXY_COUNT = int(os.environ.get("PROXY_COUNT", "0"))
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_USERNAME_CALLABLE = "omnichannel.accounts.adapter.claimed_username"
AXES_CLIENT_IP_CALLABLE = "omnichannel.accounts.adapter.client_address"
AXES_SENSITIVE_PARAMETERS = [
    "code",
    "password",
    "client_secret",
    "refresh_token",
    "csrfmiddlewaretoken",
]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# ---------------------------------------------------------------- browser
HTTPS = flag("HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SECURE_SSL_REDIRECT = HTTPS
# Probes speak plain HTTP to the process itself.
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("TRUST_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

# ---------------------------------------------------------------- text and time
LANGUAGE_CODE = "en"
# Each in its own words: who looks for his language reads no other.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

# ---------------------------------------------------------------- files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", VAR / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": os.environ.get("STATICFILES_STORAGE", "omnichannel.web.storage.StaticFiles")
    },
}

# Compressing takes longest of a first start: each file once, and not the maps of other people's
# scripts, which are for debuggers and half of it all.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

# ---------------------------------------------------------------- inventory
# Whether a person may adjust a stock location below 0 (PRODUCT §4).
ALLOW_NEGATIVE_ADJUSTMENTS = flag("ALLOW_NEGATIVE_ADJUSTMENTS")
# Where a product is counted that an adjustment found too few of, and who may; the room that
# counts lies above the one that asks.
COUNT_NOW_PAGE, COUNT_NOW_PERMISSION = "counts:create", "counts.create_cycle_counts"
# What is told of a store beside its numbers; the room that knows lies above those that show them.
STORE_BANNER = "fulfilment.views.banners.banner"
# Where a product is sent on and its transfers are listed, and who may send: rooms above the page.
TRANSFER_PAGE, TRANSFERS_PAGE = "transfers:create", "transfers:list"
TRANSFER_PERMISSION = "transfers.transfer_inventory"
# As documented: who may look at ASNs may force close them. Off: only Force Close ASNs does.
FORCE_CLOSE_NEEDS_ONLY_VIEW = flag("FORCE_CLOSE_NEEDS_ONLY_VIEW", True)
# An ASN without an expected arrival is overdue when it is open for longer (PRODUCT §6).
ASN_OVERDUE_DAYS = int(os.environ.get("ASN_OVERDUE_DAYS", "14"))
# What `verify_ledger` proves beyond the ledger itself; each room names its own rules.
LEDGER_RULES = [
    "asn.receiving.verification.RULES",
    "transfers.shipping.verification.RULES",
]
# Whether the units of a transfer order are set aside in `_transfers` when it is created (PRODUCT §6).
TRANSFERS_RESERVE = flag("TRANSFERS_RESERVE", True)

# ---------------------------------------------------------------- counts
# How far, in seconds, the clocks of tills and phones may be apart from ours: what moved so close
# to an observation may lie before or after it (PRODUCT §7a).
COUNT_CLOCK_TOLERANCE = int(os.environ.get("COUNT_CLOCK_TOLERANCE", "5"))
# Whoever counted may not complete the count.
COUNT_SECOND_PERSON = flag("COUNT_SECOND_PERSON")
# What a new count may differ by on one line without a reason: units, percent, money; empty: any.
COUNT_TOLERANCE_UNITS = os.environ.get("COUNT_TOLERANCE_UNITS", "")
COUNT_TOLERANCE_PERCENT = os.environ.get("COUNT_TOLERANCE_PERCENT", "")
COUNT_TOLERANCE_VALUE = os.environ.get("COUNT_TOLERANCE_VALUE", "")
# An associate may type a zone's name instead of scanning its code.
COUNT_TYPED_ZONES = flag("COUNT_TYPED_ZONES", True)

# ---------------------------------------------------------------- API
# Every room's operations; `omnichannel.api` says what a router is.
API_ROUTERS = [
    "omnichannel.api.signing_in.router",
    "omnichannel.api.people.router",
    "omnichannel.api.auditing.router",
    "omnichannel.catalog.api.router",
    "omnichannel.locations.api.places.router",
    "omnichannel.locations.api.stores.router",
    "omnichannel.locations.api.shelves.router",
    "omnichannel.locations.api.configuration.router",
    "inventory.api.stock.router",
    "inventory.api.reasons.router",
    "omnichannel.eventstream.api.router",
    "inventory.api.adjustments.router",
    "omnichannel.imports.api.router",
    "asn.api.asns.router",
    "asn.api.receiving.router",
    "transfers.api.orders.router",
    "transfers.api.parcels.router",
    "transfers.api.routes.router",
    "counts.api.tasks.router",
    "counts.api.counting.router",
    "counts.api.deciding.router",
    "counts.api.importing.router",
    "fulfilment.api.mastering.router",
    "inventory.api.reservations.router",
    "fulfilment.api.availabilities.router",
    "fulfilment.api.hooks.router",
    "fulfilment.api.exports.router",
    "fulfilment.api.safety_stock.router",
    "fulfilment.api.orders.router",
]
# Bytes of a body where the contract wants more than DATA_UPLOAD_MAX_MEMORY_SIZE.
API_LARGE_BODIES = {"/v1/stock/safety_stock": 10_000_000}
# Real clients read products without a token (CONTRACT §4.7); a shop may want otherwise.
OPEN_CATALOG = flag("OPEN_CATALOG", True)

# ---------------------------------------------------------------- imports
# What comes in by file; `omnichannel.imports.kinds` says what a kind is.
IMPORT_KINDS = [
    "omnichannel.catalog.imports.products.PRODUCTS",
    "omnichannel.catalog.imports.prices.PRICES",
    "asn.tasks.ADVICES",
    "transfers.tasks.MESSAGES",
    "fulfilment.imports.availabilities.AVAILABILITIES",
]

# Collectors of rooms for /metrics, read from the database at the scrape.
METRICS = ["omnichannel.eventstream.metrics.StreamHealth"]

# ---------------------------------------------------------------- event stream
# The name under which integrations know this installation: in every event and in token addresses.
TENANT = os.environ.get("TENANT", "demo")
EVENT_STREAM: dict[str, Any] = {
    # Where callbacks may go; anything private only by ALLOW (RELIABILITY rule 19).
    "SCHEMES": words("EVENT_STREAM_SCHEMES", "https"),
    "PORTS": [int(port) for port in words("EVENT_STREAM_PORTS", "443,8443")],
    # An ERP in the house: host:port, address:port or network, with commas between them.
    "ALLOW": words("EVENT_STREAM_ALLOW"),
    # Deliveries under way at once to one integration, from one worker.
    "CONCURRENCY": int(os.environ.get("EVENT_STREAM_CONCURRENCY", "16")),
    # Another object store than AWS: https://minio.example.com
    "S3_ENDPOINT": os.environ.get("EVENT_STREAM_S3_ENDPOINT", ""),
    # Of the demo: where this start serves a page that shows what an ERP would see.
    "DEMO_RECEIVER": os.environ.get("EVENT_STREAM_DEMO_RECEIVER", ""),
}

# ---------------------------------------------------------------- background work
REDIS_URL = address("REDIS_URL", "redis://localhost:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    # kombu's defaults bring a killed worker's tasks back after 100 s; these, after 13.
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_max": 0.3}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 15
CELERY_TASK_DEFAULT_QUEUE = "default"
# Long work has processes of its own, so that it keeps nothing short waiting.
CELERY_TASK_ROUTES = {"jobs.work": {"queue": "jobs"}}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "deliver events": {"task": "eventstream.drain", "schedule": 3.0, "options": {"expires": 3}},
    "forget old events": {
        "task": "eventstream.forget_the_past",
        "schedule": crontab(hour="3", minute="45"),
    },
    "sweep the jobs": {"task": "jobs.sweep", "schedule": 3.0, "options": {"expires": 3}},
    "forget old imports": {
        "task": "imports.forget_the_past",
        "schedule": crontab(minute="*/5"),
    },
    "forget old exports": {
        "task": "exports.forget_the_past",
        "schedule": crontab(minute="25"),
    },
    "forget old jobs": {
        "task": "jobs.forget_the_past",
        "schedule": crontab(hour="3", minute="30"),
    },
    "forget old keys and tokens": {
        "task": "api.forget_the_past",
        "schedule": crontab(hour="4", minute="0"),
    },
    "forget ended sessions": {
        "task": "accounts.forget_the_past",
        "schedule": crontab(hour="3", minute="15"),
    },
    "expire reservations of orders": {
        "task": "fulfilment.expire",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "notice expired reservations": {
        "task": "inventory.notice_expired",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget old availability exports": {
        "task": "fulfilment.forget_the_past",
        "schedule": crontab(hour="3", minute="50"),
    },
    "make recurring counts": {
        "task": "counts.repeat",
        "schedule": crontab(minute="10"),
    },
    "verify the ledger": {
        "task": "inventory.verify_ledger",
        "schedule": crontab(hour="2", minute="30"),
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"refused": {"()": "omnichannel.web.logs.Refused"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refused"]}
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
