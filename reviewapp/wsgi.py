"""The web process: pages, API and decisions, each answered by one thread."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from reviewapp import celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.dev")

application = get_wsgi_application()
celery_app = celery.app

# Looking for cycles every 700 new objects takes a good part of a page's time, most of it over code that never goes away.
gc.freeze()
gc.set_threshold(20_000, 20, 50)
