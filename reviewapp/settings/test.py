"""Tests: real PostgreSQL and Redis, cheap password hashing, static files without a manifest."""

import os
import tempfile

os.environ.setdefault("DATABASE_URL", "postgresql://countersign@/countersign?host=/nonexistent")
os.environ.setdefault("REDIS_URL", "unix:///nonexistent/valkey.sock?db=0")
os.environ.setdefault("COUNTERSIGN_STATE", os.path.join(tempfile.gettempdir(), "countersign-test"))  # noqa: PTH118 - a plain string

from reviewapp.settings.base import *  # noqa: F403 - the environment is set above first

ALLOW_DEMO = True
SECRET_KEY = "test-secret-key-that-signs-nothing-of-value-0123456789"  # noqa: S105 - tests only
KEY_PEPPER = "test-pepper"
# The secret and public key of RFC 8032, 7.1, TEST 1.
SIGNING_KEY = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
TRUSTED_KEYS = ["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 - from base
ACCOUNT_RATE_LIMITS = False
# A watching thread would hold a connection to the test database; the tests of the watcher start their own.
SLOT_WATCH = False
# Test processes share one Redis: each keeps its features apart from the others'.
FEATURE_PREFIX = f"cs:feature:{os.environ.get('PYTEST_XDIST_WORKER', 'main')}:"
# What a test has just done is in the next page.
COUNT_SECONDS = 0
# What a test submits takes effect at once; those of the undo say otherwise.
UNDO_SECONDS = 0
