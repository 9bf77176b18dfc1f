"""The decision endpoint alone: kernel and agents, no sessions, no templates, no Celery.

A process of its own in production, so that a busy review room never slows an agent down.
"""

import importlib
import os

# Before the parent reads it: this process checks signatures and never holds the key that makes them.
os.environ["COUNTERSIGN_ROLE"] = "decide"
_parent = importlib.import_module(os.environ.get("COUNTERSIGN_SETTINGS", "reviewapp.settings.dev"))
globals().update({name: value for name, value in vars(_parent).items() if name.isupper()})

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "reviewapp.core.events",
    "reviewapp.core.accounts",
    "agents",
]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "reviewapp.urls_decide"
WSGI_APPLICATION = "reviewapp.wsgi_decide.application"
TEMPLATES: list[dict[str, object]] = []
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
