"""The decide process: the decision endpoint alone. The relay's beat sweep hands on what it records."""

import gc
import importlib
import os

from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.decide")

application = get_wsgi_application()
# What imports models comes when the apps are there.
application = importlib.import_module("agents.serving.entry").Entry(application)

# Connections are looked at when a request ends; once more when the next one begins finds nothing else, and only DEBUG
# keeps a list of queries.
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)

# Looking for cycles every 700 new objects takes an eighth of a batch's time, most of it over code that never goes away.
# What a decision makes holds no cycles and is freed at once either way.
gc.freeze()
gc.set_threshold(50_000, 20, 100)
