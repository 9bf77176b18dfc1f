"""The decide process: the decision endpoint alone. The relay's beat sweep hands on what it records."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.decide")

application = get_wsgi_application()

# Looking for cycles every 700 new objects takes an eighth of a batch's time, most of it over code that never goes away.
# What a decision makes holds no cycles and is freed at once either way.
gc.freeze()
gc.set_threshold(50_000, 20, 100)
