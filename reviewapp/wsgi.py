"""The web process: pages, API and decisions, each answered by one thread."""

import os

from django.core.wsgi import get_wsgi_application

from reviewapp import celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.dev")

application = get_wsgi_application()
celery_app = celery.app
