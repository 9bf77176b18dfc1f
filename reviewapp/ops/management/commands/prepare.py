"""`manage.py prepare`: migrations, static files and the demo, before anything serves."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reviewapp.ops import prepare


class Command(BaseCommand):
    """Bring an installation up to this code; a second run finds nothing to do."""

    help = "Migrate, collect static files and seed the demo, in one process; make run does it before it serves."
    # Checks read tables that may not be there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --no-demo."""
        parser.add_argument("--no-demo", action="store_true", help="leave out the demo people, agents and decisions")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each step and say what it took."""
        for title, step in prepare.STEPS.items():
            if step is prepare.seed and options["no_demo"]:
                continue
            began = time.monotonic()
            if step():
                self.stdout.write(f"{title} in {time.monotonic() - began:.1f} s")
                self.stdout.flush()
