"""Production: refuses to start without its own secrets, with demo data, or with defaults."""

from django.core.exceptions import ImproperlyConfigured

from reviewapp.settings import env
from reviewapp.settings.base import *  # noqa: F403 - an environment is the base with overrides

SECRET_KEY = env.secret("SECRET_KEY")
KEY_PEPPER = env.secret("KEY_PEPPER")
SIGNING_KEY, TRUSTED_KEYS = env.signing(ROLE)  # noqa: F405 - from base
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured("SECRET_KEY is too short or too regular. Use at least 50 random characters.")
if len(KEY_PEPPER) < 32:
    raise ImproperlyConfigured("KEY_PEPPER is too short. Use at least 32 random characters.")
if env.flag("DEBUG", default=False):
    raise ImproperlyConfigured("DEBUG is set. Production never runs with DEBUG: unset it.")
if env.flag("ALLOW_DEMO", default=False):
    raise ImproperlyConfigured("ALLOW_DEMO is set. Demo people and data do not belong in production: unset it.")
if not WEB_ORIGIN.startswith("https://"):  # noqa: F405 - from base
    raise ImproperlyConfigured(
        "WEB_ORIGIN is not https. Set the public address people type, such as https://countersign.example."
    )
if not env.words("ALLOWED_HOSTS"):
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Name the hosts this installation answers to.")

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("TRUST_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-cs_session"
CSRF_COOKIE_NAME = "__Host-cs_csrf"
