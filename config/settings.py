"""All settings, from the environment. docker-compose.yml names those that production needs. Each may come
from a file as well: NAME_FILE says from which.

Importing this module never fails for want of a value, so that `makemigrations` and the type checker
run anywhere; `config.startup` refuses to *serve* with settings that are not fit for it.
"""

from pathlib import Path
from urllib.parse import urlsplit

from environ import FileAwareEnv
from kombu import Queue

from config import admin_theme, content_policy, log_settings, mail_provider, rate_limits, schema_settings

env = FileAwareEnv()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- who we are -----------------------------------------------------------------------------------

DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
PUBLIC_URL = env("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
# The health checks of a container speak to 127.0.0.1.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname, "127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
#: Where the desk's live stream (config/live.py) is: a path of this site, which its proxy knows, or elsewhere.
LIVE_URL = env("LIVE_URL", default="/desk/live/")
LIVE_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(LIVE_URL)) if "://" in LIVE_URL else ""

#: A file that is there while this process is about to end; ops/serve-web makes it, /healthz looks for it.
STOPPING_MARK = env("STOPPING_MARK", default="")

# --- what is installed ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",  # before ours, which takes its groups out of the admin
    "bookings.apps.BookingsConfig",
    "notifications.apps.NotificationsConfig",
    "unfold.apps.BasicAppConfig",  # the theme of the admin
    "bookings.admin_site.SetUpConfig",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_guid",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "config.metrics.RequestMetrics",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A quarter of the bytes of a page. Random padding and masked tokens keep its length from telling secrets.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.form_text.NoNul",
    "bookings.read_log.ReadLog",  # last: it knows what the view has read
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "bookings.StaffMember"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bookings.patient.signed_in.whose",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A list of breached passwords on this machine, in the form of Have I Been Pwned's (docs/identity.md).
BREACHED_PASSWORDS_FILE = env("BREACHED_PASSWORDS_FILE", default="")
if BREACHED_PASSWORDS_FILE:
    AUTH_PASSWORD_VALIDATORS.append(
        {
            "NAME": "bookings.breached.BreachedPasswordValidator",
            "OPTIONS": {"file": BREACHED_PASSWORDS_FILE},
        }
    )
# Whoever signed in, or proved that it is they, longer ago is asked again before what could do most harm.
STEP_UP_MINUTES: int = env.int("STEP_UP_MINUTES", default=10)

# --- where things are kept ------------------------------------------------------------------------

DATABASE_URL = env("DATABASE_URL", default="")
REDIS_URL = env("REDIS_URL", default="")

# Without an address there is no database at all: `makemigrations` and mypy then do not look for one.
DATABASES = {}
if DATABASE_URL:
    DATABASES["default"] = {
        **env.db_url("DATABASE_URL"),
        "CONN_MAX_AGE": 0,  # the pool keeps connections; Django refuses to keep them as well
        "OPTIONS": {
            # A pool for each process: a persistent connection for each thread runs PostgreSQL out of them.
            "pool": {"min_size": 0, "max_size": env.int("DATABASE_POOL_SIZE", default=4), "timeout": 5},
            # Nobody waits longer than 3 s for a lock: the answer is then `busy`, not a page that hangs.
            "options": "-c lock_timeout=3s -c statement_timeout=30s",
            # The same few statements again and again: PostgreSQL plans each once a connection.
            "server_side_binding": True,
            "prepare_threshold": 3,
        },
    }

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or "redis://127.0.0.1:6379",
        "KEY_PREFIX": "cadence",
        # A Redis that does not answer must not hold up a booking: it never decides who gets a chair.
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

# --- the worker: a Redis broker and no results, since rows in PostgreSQL say what was done ----------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a worker that dies gives its task back,
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # and held no others
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # longer than any task may run: nothing under way is delivered twice
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
}
# A page that nudges a worker must not hang while Redis is away; the beat makes the nudge good.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# One queue, or one for each kind of work, so that plans which take minutes never hold up messages. A worker
# takes from all of them unless it is started with --queues.
if env.bool("QUEUES_BY_KIND", default=False):
    CELERY_TASK_ROUTES = {
        "notifications.*": {"queue": "messages"},
        "bookings.tasks.draw_up_*": {"queue": "planning"},
    }
    CELERY_TASK_QUEUES = [Queue(name) for name in ("celery", "messages", "planning")]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- language and time ----------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"  # people see the clinic's zone or their own, never the server's
USE_I18N = True
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "bookings" / "locale"]

# --- pages and files ------------------------------------------------------------------------------

STATIC_URL = "/static/"
# An image and the demo collect the files here, compressed and named by their content; a checkout sets nothing
# and serves them from where they lie.
STATIC_ROOT = env("STATIC_ROOT", default=None)
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
# Files from npm that pages use: requirements/npm.txt names them, `make` fetches them.
STATICFILES_DIRS = [
    ("htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist"),
    ("event-calendar", BASE_DIR / "node_modules" / "@event-calendar" / "build" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.static_files.Files"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

UNFOLD = admin_theme.UNFOLD

# --- messages -------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # without one, a mail server that does not answer holds a worker for ever
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Appointments <appointments@localhost>")
# In place of SMTP: a provider's own interface, which also tells what bounced. docs/messages.md says how.
EMAIL_PROVIDER = env("EMAIL_PROVIDER", default="")
if EMAIL_PROVIDER:
    vars().update(mail_provider.settings_for(EMAIL_PROVIDER, env.ENVIRON))
    INSTALLED_APPS.append("anymail")
# Texts: all of it or nothing of it, and then patients get none. Twilio calls back at PUBLIC_URL.
TWILIO_ACCOUNT_SID = env("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env("TWILIO_AUTH_TOKEN", default="")
TWILIO_FROM = env("TWILIO_FROM", default="")  # one of our numbers, such as +14105550100, or else
TWILIO_MESSAGING_SERVICE_SID = env("TWILIO_MESSAGING_SERVICE_SID", default="")  # Twilio's name for several
TWILIO_BASE_URL = env("TWILIO_BASE_URL", default="https://api.twilio.com").rstrip("/")
# A demo keeps its mail and texts as files here, for staff to read.
OUTBOX_DIR = env("OUTBOX_DIR", default="")
# Webhooks go to the public internet over HTTPS; with this, to private networks and over HTTP as well.
WEBHOOKS_ALLOW_PRIVATE = env.bool("WEBHOOKS_ALLOW_PRIVATE", default=False)

# --- columns that are encrypted (docs/privacy.md) ------------------------------------------------

FIELD_KEYS = env.list("FIELD_KEYS", default=[])  # without any, one follows from SECRET_KEY
WRITE_ENCRYPTED = env.bool("WRITE_ENCRYPTED", default=True)  # off while an older version runs beside

# --- how long what is kept, in days (docs/privacy.md says why so long) -----------------------------

RETENTION = {
    "record": env.int("KEEP_RECORDS_DAYS", default=7 * 365),  # of a patient, after the last visit
    "messages": env.int("KEEP_MESSAGES_DAYS", default=2 * 365),  # their words and addresses
    "readings": env.int("KEEP_READINGS_DAYS", default=6 * 365 + 2),  # the database refuses sooner
    "ways_in": env.int("KEEP_ENDED_WAYS_IN_DAYS", default=30),  # codes, links and tokens that have ended
}

# --- the API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["bookings.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "bookings.api.problems.problem_handler",
    "UNAUTHENTICATED_USER": "bookings.api.authentication.anonymous",
    # How many proxies of ours add to X-Forwarded-For; with none, anyone could write what they like there.
    "NUM_PROXIES": env.int("TRUSTED_PROXIES", default=0),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

RATE_LIMITS = rate_limits.limits(env, demo=DEMO)
# The API takes small JSON documents only.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["config.uploads.SmallFiles"]

SPECTACULAR_SETTINGS = schema_settings.SPECTACULAR_SETTINGS

# --- safety ---------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
if HTTPS:  # by this prefix a browser takes them from this very host alone, and only over HTTPS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
# No script of ours reads one.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"  # as Django has it for the other two
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [
    *(r"^healthz$", r"^readyz$", r"^metrics$"),  # asked over plain HTTP, from inside
    r"^webhooks/twilio/",  # comes by HTTPS, whatever a proxy shows of it, and is signed for that
]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# A site whose subdomains still speak plain HTTP sets HSTS_SUBDOMAINS=0.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_SUBDOMAINS", default=True)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = content_policy.policy(live_origin=LIVE_ORIGIN)
# Only behind a proxy that sets this header itself; anyone could send it otherwise.
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Each request has an id, which its log lines and its answer carry; a proxy may bring one that is a UUID.
DJANGO_GUID = {"GUID_HEADER_NAME": "X-Request-ID", "VALIDATE_GUID": True, "EXPOSE_HEADER": False}

# Faults, without anything of a person (config/observing.py). Traces: OpenTelemetry's own variables.
SENTRY_DSN = env("SENTRY_DSN", default="")

LOGGING = log_settings.logging(level=env("LOG_LEVEL", default="INFO"), form=env("LOG_FORMAT", default="line"))
