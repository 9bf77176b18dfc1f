"""The decide process: the decision endpoint alone. The relay's beat sweep hands on what it records."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings.decide")

application = get_wsgi_application()
