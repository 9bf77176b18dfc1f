"""Settings shared by every process. Environments only override; nothing here is a secret."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from reviewapp.settings import env
from reviewapp.settings.product import *  # noqa: F403 - the knobs are settings

BASE_DIR = Path(__file__).resolve().parents[2]
STATE_DIR = Path(env.text("COUNTERSIGN_STATE", str(BASE_DIR / "var")))

# Which process this is: "web" answers pages and API, "live" holds what waits. `asgi.py` sets "live".
ROLE = env.text("COUNTERSIGN_ROLE", "web")

DEBUG = False
ALLOW_DEMO = False
WEB_ORIGIN = env.text("WEB_ORIGIN", "http://127.0.0.1:8000")
LIVE_ORIGIN = env.text("LIVE_ORIGIN", "http://127.0.0.1:8001")
LIVE_WS_ORIGIN = LIVE_ORIGIN.replace("http", "ws", 1)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [WEB_ORIGIN]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "csp",
    "reviewapp.core.events",
    "reviewapp.core.accounts",
    "reviewapp.core.approvals",
    "reviewapp.core.notices",
    "reviewapp.core.incidents",
    "reviewapp.core.web",
    "agents",
    "corrections",
    "policies",
    "reviewapp.ops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "reviewapp.core.web.light.LightRequests",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reviewapp.core.accounts.middleware.RequireSignIn",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "reviewapp.core.web.middleware.ProblemPages",
]

if ROLE == "live":
    # The live process serves no pages: sessions reach its websockets through Channels' own stack. allauth does not
    # start without its own middleware, and costs nothing here.
    MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ]

ROOT_URLCONF = "reviewapp.urls_live" if ROLE == "live" else "reviewapp.urls"
# What programs call for every case; see `reviewapp.core.web.light`.
LIGHT_URLCONF = "corrections.api.urls_light"
WSGI_APPLICATION = "reviewapp.wsgi.application"
ASGI_APPLICATION = "reviewapp.asgi.application"

_LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", [("reviewapp.core.web.folding.Loader", _LOADERS)])],
            "builtins": [
                "template_partials.templatetags.partials",
                "reviewapp.core.web.templatetags.ui",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviewapp.core.web.context.shell",
            ],
        },
    },
]

# Under ASGI a kept connection does nothing and only the pool helps; under WSGI threads keep theirs (measured).
DATABASES = {
    "default": env.database(env.text("DATABASE_URL"), max_age=0 if ROLE == "live" else 600, pool=ROLE == "live")
}
# Months of decisions and of feature history that ended this many days ago are detached (never dropped); 0 keeps all.
DECISION_RETENTION_DAYS = env.number("DECISION_RETENTION_DAYS", 0, low=0, high=36_500)
FEATURE_RETENTION_DAYS = env.number("FEATURE_RETENTION_DAYS", 0, low=0, high=36_500)
# Messages to webhooks that arrived are deleted after this many days; 0 keeps all. What did not arrive is always kept.
WEBHOOK_RETENTION_DAYS = env.number("WEBHOOK_RETENTION_DAYS", 30, low=0, high=36_500)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cs"}
}
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
}

CELERY_BROKER_URL = env.celery_broker(REDIS_URL)

# Accounts: sessions in the database so that signing someone out holds even when Redis forgets.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "reviewapp.core.accounts.backends.People",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "reviewapp.core.accounts.adapter.ClosedSignUp"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_REQUIRED = False
# A whole office signs in from one address at nine o'clock. Guessing is bounded by `login_failed`, which keeps its narrow limits.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {"login": "300/m/ip"}
# Where e-mail goes; without it nobody is offered any. The sender's address is what people see.
SENDS_EMAIL = False
vars().update(env.email(env.secret("EMAIL_URL") if "EMAIL_URL" in os.environ or "EMAIL_URL_FILE" in os.environ else ""))
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Countersign <countersign@localhost>")
# Notices are deleted this many days after they were read, unread ones after twice as many.
NOTICE_KEEP_DAYS = env.number("NOTICE_KEEP_DAYS", 90, low=1, high=36_500)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Countersign"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "reviewapp.core.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "cs_session"
CSRF_COOKIE_NAME = "cs_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "reviewapp.core.web.errors.csrf_failure"

# The pages need exactly this and no more: own files, and the live process for websockets.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, LIVE_ORIGIN, LIVE_WS_ORIGIN],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "reviewapp.core.accounts.api_auth.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["reviewapp.core.web.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "reviewapp.core.web.openapi.OperationSchema",
    "EXCEPTION_HANDLER": "reviewapp.core.web.problems.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Countersign API",
    "DESCRIPTION": "Decisions under contract, reviewed by people, released as policy versions.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "Apache-2.0"},
    "SERVERS": [{"url": WEB_ORIGIN, "description": "Web process"}],
    "TAGS": [
        {"name": "Agents and decisions", "description": "What an agent's program calls: decide, read back, wait."},
        {"name": "Review", "description": "What a reviewer's tool calls: queues, tasks, judgements, escalations."},
        {"name": "Releases", "description": "From settled cases to a live version: builds, approvals, rollouts."},
    ],
    "SCHEMA_PATH_PREFIX": r"/(api|live)/v[0-9]+",
    "WEBHOOKS": [f"agents.api.webhook_shapes.{name}" for name in ("RESOLVED", "AMENDED", "OVERDUE")],
    "PREPROCESSING_HOOKS": ["agents.api.live.endpoints"],
    "SERVE_INCLUDE_SCHEMA": False,
    # Members called alike in different bodies are different lists of words: each list has one name in the schema.
    "ENUM_NAME_OVERRIDES": {
        "QueueKind": ["standard", "senior"],
        "FeatureState": ["fresh", "stale", "empty"],
        "FeatureRowStatus": ["stored", "repeat", "refused"],
        "TaskKind": ["review", "adjudication"],
        "ModelKind": ["scorecard", "none"],
        "TaskState": ["open", "done", "cancelled"],
        "WebhookState": ["active", "paused", "disabled"],
        "WebhookMessageState": ["pending", "delivered", "dead"],
        "ApprovalState": ["pending", "approved", "rejected", "returned", "withdrawn"],
        "ApprovalVerdict": ["approved", "rejected", "returned"],
        "EscalationFilter": ["pending", "decided"],
        "ConsensusState": ["usable", "abstained"],
        "ReviewVerdict": ["agree", "correct", "cannot_tell", "escalate"],
        "AgentMode": ["decide", "propose"],
        "DecisionMode": ["decide", "propose", "record"],
        "DecisionStatus": ["auto", "review", "escalate"],
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Files that go with judgements: apart from everything that is served, read through a page that checks rights. Web processes
# on several machines need one directory that they share.
ATTACHMENTS_DIR = env.text("ATTACHMENTS_DIR", str(STATE_DIR / "attachments"))
ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "reviewapp.core.web.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 10
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "reviewapp": {"level": "INFO"},
        "agents": {"level": "INFO"},
        "corrections": {"level": "INFO"},
        "policies": {"level": "INFO"},
    },
}

LIVE_HOST = urlsplit(LIVE_ORIGIN).netloc
