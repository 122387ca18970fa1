"""Django settings. What differs between installations comes from environment variables.

docs/operator/settings.md lists every variable. Without any, the project runs for one person on
one machine: SQLite, embedded Valkeys on unix sockets, no policy and therefore no inference.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

import django_stubs_ext
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from fer_lms.environment import OTHER_VARIABLES, REDIS_SCHEMES, Env, replace_renamed_variables
from fer_lms.log_privacy import RouteLogFilter, format_exception
from fer_lms.private_files import (
    PRIVATE_UMASK,
    UnsafeFolder,
    check_private_folder,
    create_private_folder,
)
from fer_lms.static_headers import add_static_headers
from fer_lms.translations.languages import LANGUAGES

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
replace_renamed_variables(os.environ)
env = Env()

# --- Kind of installation --------------------------------------------------------------------
DEBUG = env.read_flag("FER_DEBUG", default=False)
DEMO = env.read_flag("FER_DEMO", default=False)
"""Demonstration for adults on this machine only."""

IN_CHECKOUT = (BASE_DIR / "manage.py").exists()
"""False in an installed wheel, where nothing may be written beside the code."""
VAR_DIR = env.read_folder("FER_VAR_DIR", default=(BASE_DIR if IN_CHECKOUT else Path.cwd()) / "var")
os.umask(PRIVATE_UMASK)  # database, journals, logs: for this user only
try:
    create_private_folder(VAR_DIR)
except (UnsafeFolder, OSError) as error:
    raise ImproperlyConfigured(f"FER_VAR_DIR: {error}") from error


def _read_or_create_secret_key() -> str:
    """Return the key of this machine; an installation on several machines sets FER_SECRET_KEY."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        new = VAR_DIR / f"secret_key.{os.getpid()}"
        new.write_text(os.urandom(48).hex())
        new.chmod(0o600)
        try:
            os.link(new, path)  # atomic: only the first process creates it
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return path.read_text().strip()


SECRET_KEY = env.str("FER_SECRET_KEY", default="") or _read_or_create_secret_key()
SECRET_KEY_FALLBACKS = env.list("FER_SECRET_KEY_FALLBACKS", default=[])
LOOPBACK_HOSTS = ["localhost", "127.0.0.1"]
ALLOWED_HOSTS = env.list("FER_ALLOWED_HOSTS", default=LOOPBACK_HOSTS)
if DEMO:
    ALLOWED_HOSTS = LOOPBACK_HOSTS
CSRF_TRUSTED_ORIGINS = env.list("FER_TRUSTED_ORIGINS", default=[])
METRICS_TOKEN = env.str("FER_METRICS_TOKEN", default="")
PUBLIC_URL = env.read_address("FER_PUBLIC_URL", schemes=("https", "http"))
"""https://host of this installation, for URLs that are stored elsewhere."""

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "fer_lms.people.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "django_vite",
    "django_prometheus",
    "csp",
    "fer_lms.people",
    "fer_lms.xapi",
    "fer_lms.audit",
    "fer_lms.policy",
    "fer_lms.lessons",
    "fer_lms.consent",
    "fer_lms.engagement",
    "fer_lms.rules",
    "fer_lms.integrations",
    "fer_lms.reports",
    "fer_lms.streaming",
    "fer_lms.lti",
    "fer_lms.rights",
    "fer_lms.api",
    "fer_lms.demo",
    "fer_lms.operations",
]
if (BASE_DIR / "tests" / "bench").is_dir():
    # Benchmarks and simulators, in a checkout only; first: `measure_rules` extends the product's.
    INSTALLED_APPS.insert(0, "tests.bench")
MIDDLEWARE = [
    "fer_lms.request_limits.limit_running_requests",
    "fer_lms.unusable_text.UnusableTextMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fer_lms.response_headers.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "fer_lms.lti.middleware.LaunchMiddleware",
    "fer_lms.error_views.ReadableRefusalMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "fer_lms.page_language.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fer_lms.lti.middleware.DeactivatedPlatformMiddleware",
    "fer_lms.audit.read_access.log_admin_read_access",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "fer_lms.people.repeated_forms.RepeatedFormMiddleware",  # runs the view: the last one
]
if DEMO:
    MIDDLEWARE.insert(0, "fer_lms.demo.middleware.LocalOnlyMiddleware")
ROOT_URLCONF = "fer_lms.urls"
ASGI_APPLICATION = "fer_lms.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "fer_lms" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"texts": "fer_lms.script_texts"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "fer_lms.policy.context_processors.policy_banner",
                "fer_lms.people.page_person.page_person",
            ],
        },
    }
]

# --- Data ------------------------------------------------------------------------------------
MAX_RUNNING_REQUESTS = env.read_count("FER_MAX_RUNNING_REQUESTS", default=24, limits=(1, 10_000))
"""Requests of the web process at once, and thus its database connections; others wait."""
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024  # of a body: hundreds of requests may wait at once
DB_CONN_MAX_AGE = env.read_count("FER_DB_CONN_MAX_AGE", default=60, limits=(0, 10**9))
DATABASES = {
    "default": env.read_database(
        "DATABASE_URL", default=f"sqlite:///{quote(str(VAR_DIR))}/fer_lms.sqlite3"
    ),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # With Django's defaults concurrent writers fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = DB_CONN_MAX_AGE
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"

# --- Two Redis roles -------------------------------------------------------------------------
# frames: memory only, pixels for seconds. broker: Celery, observations, channel layer.
# Where no URL is given, an embedded Valkey listens on a unix socket in RUN_DIR (fer_lms.stack).
# The digest keeps socket paths under the 107 bytes that the kernel allows.
RUN_DIR = env.read_folder(
    "FER_RUN_DIR",
    default=Path(tempfile.gettempdir())
    / f"fer-lms-{os.getuid()}-{hashlib.sha256(str(VAR_DIR).encode()).hexdigest()[:10]}",
)
FRAMES_REDIS_URL = env.read_address("FRAMES_REDIS_URL", schemes=REDIS_SCHEMES)
BROKER_REDIS_URL = env.read_address("BROKER_REDIS_URL", schemes=REDIS_SCHEMES)
EMBEDDED_FRAMES = not FRAMES_REDIS_URL
EMBEDDED_BROKER = not BROKER_REDIS_URL
if EMBEDDED_FRAMES or EMBEDDED_BROKER:
    try:
        check_private_folder(RUN_DIR)
    except UnsafeFolder as error:
        raise ImproperlyConfigured(f"FER_RUN_DIR: {error}") from error
FRAMES_REDIS_URL = FRAMES_REDIS_URL or f"unix://{RUN_DIR}/frames.sock"
BROKER_REDIS_URL = BROKER_REDIS_URL or f"unix://{RUN_DIR}/broker.sock"
if FRAMES_REDIS_URL == BROKER_REDIS_URL and not DEBUG:
    raise ImproperlyConfigured(
        "FRAMES_REDIS_URL and BROKER_REDIS_URL are the same server. Frames need a memory-only "
        "Redis of their own: set two servers."
    )
CHANNEL_LAYERS = {
    "default": {
        # The pubsub layer survives a restart of Redis; the core layer closes every socket.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [BROKER_REDIS_URL], "prefix": "fer"},
    }
}

# --- Streaming -------------------------------------------------------------------------------
MAX_FRAME_BYTES = env.read_count(
    "FER_MAX_FRAME_BYTES", default=96 * 1024, limits=(1024, 1000 * 1024)
)
MAX_FPS = env.read_count("FER_MAX_FPS", default=5, limits=(1, 30))
TARGET_FPS = env.read_count("FER_TARGET_FPS", default=2, limits=(1, 30))
DRAINS = env.read_count("FER_DRAINS", default=os.cpu_count() or 1, limits=(1, 1024))
"""Number of lanes (fer_lms/streaming/wire/slots.py): one per core that workers may use."""
WORKER_READS_FRAMES = env.read_flag("FER_WORKER_READS_FRAMES", default=False)
"""True in workers of the queue `frames`: they open the models when a process starts."""
LANDMARKS = env.read_flag("FER_LANDMARKS", default=True)
EMBED_HOSTS = env.read_hosts(
    "FER_EMBED_HOSTS",
    default=[
        *("www.youtube-nocookie.com", "player.vimeo.com"),
        *("www.geogebra.org", "phet.colorado.edu"),
    ],
)
"""Hosts of pages and videos that a step may embed, sandboxed and loaded on request only."""
EVIDENCE_WEIGHTS = env.read_numbers("FER_EVIDENCE_WEIGHTS")
"""Changes to the parameters of fer_lms.engagement.weights, by name."""
MIN_GROUP_SIZE = 5
"""Class metrics are withheld for fewer contributing learners."""

# --- xAPI: off without a learning record store (docs/integrator/xapi.md) -------------
XAPI_URL = env.read_address("FER_XAPI_URL", schemes=("https", "http"))
XAPI_KEY = env.str("FER_XAPI_KEY", default="")
XAPI_SECRET = env.str("FER_XAPI_SECRET", default="")
XAPI_LOCAL = env.read_flag("FER_XAPI_LOCAL", default=False)
"""Allow plain http and private addresses for the record store."""
WEBHOOK_LOCAL_HOSTS = env.read_hosts("FER_WEBHOOK_LOCAL_HOSTS", default=[])
"""Hosts in the institution's own network to which webhooks may go, also with plain http."""

# --- Celery ----------------------------------------------------------------------------------
CELERY_BROKER_URL = (
    "redis+socket://" + BROKER_REDIS_URL.removeprefix("unix://")
    if BROKER_REDIS_URL.startswith("unix://")
    else BROKER_REDIS_URL
)

# --- Sessions, cookies, security -------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = not DEMO
CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = env.read_count("FER_HSTS_SECONDS", default=3600, limits=(0, 10**9))
if DEMO:
    SECURE_HSTS_SECONDS = 0
if env.read_flag("FER_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "frame-src": [f"https://{host}" for host in EMBED_HOSTS] or [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    "camera": "self",
    **{feature: [] for feature in ("microphone", "geolocation", "display-capture")},
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "fer_lms.error_views.csrf_failure"
LOGIN_URL = "/demo/" if DEMO else "/admin/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]

# --- REST ------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "fer_lms.api.authentication.PageAuthentication",
        "fer_lms.api.authentication.ApiTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["fer_lms.api.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "fer_lms.api.schema.ResponseAutoSchema",
    "EXCEPTION_HANDLER": "fer_lms.api.errors.handle_exception",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "fer-lms",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "CorrectionEnum": "fer_lms.reports.models.Correction.ReportedState",
        "EventKindEnum": "fer_lms.lessons.models.InteractionEvent.Kind",
        "HintAnswerEnum": "fer_lms.rules.models.HintAnswer.Answer",
        "HintLevelEnum": "fer_lms.lessons.content.document.HINT_LEVELS",
        "HintSymbolEnum": "fer_lms.lessons.models.StepHint.Symbol",
        "PermissionEnum": "fer_lms.consent.models.GRANTS",
        "QuestionKindEnum": "fer_lms.lessons.models.Question.Kind",
    },
}

# --- Text and time ---------------------------------------------------------------------------
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [BASE_DIR / "fer_lms" / "locale"]
TIME_ZONE = env.read_time_zone("FER_TIME_ZONE", default="UTC")
"""Time zone in which a day begins ("leave me alone today"), and of texts without a browser."""
USE_TZ = True

# --- Static files ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns if it is absent, even with finders
FRONTEND_DIST = BASE_DIR / ("frontend/dist" if IN_CHECKOUT else "fer_lms/frontend_dist")
STATICFILES_DIRS = [("dist", FRONTEND_DIST)] if FRONTEND_DIST.exists() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/assets/.+-[\w-]{8}\.\w+$"  # Vite's names
WHITENOISE_ADD_HEADERS_FUNCTION = add_static_headers
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": FRONTEND_DIST / "manifest.json",
        "static_url_prefix": "dist",
    }
}

# --- Logs: structured, without names and pictures --------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
                format_exception,
            ],
        }
    },
    "filters": {"routes": {"()": RouteLogFilter}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "filters": ["routes"],
        }
    },
    # uvicorn's and Celery's own handlers would print messages and tracebacks as they are, and its
    # access log would print paths.
    "loggers": {
        name: {"handlers": [], "propagate": name != "uvicorn.access"}
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery")
    },
    "root": {"handlers": ["console"], "level": env.read_log_level("FER_LOG_LEVEL", default="INFO")},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        format_exception,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
)
KNOWN_VARIABLES = env.names | OTHER_VARIABLES
