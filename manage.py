#!/usr/bin/env python
"""Django's command line for Countersign."""

import os
import sys

from django.core.management import execute_from_command_line

from reviewapp import celery
from reviewapp.ops import places

DEVELOPMENT = "reviewapp.settings.dev"

# Commands record events and queue work like every other process: they need the broker's address.
queues = celery.app

if __name__ == "__main__":
    # In a second terminal, commands reach the stack that `make run` started in the first.
    if os.environ.setdefault("DJANGO_SETTINGS_MODULE", DEVELOPMENT) == DEVELOPMENT:
        places.adopt(os.environ)
    execute_from_command_line(sys.argv)
