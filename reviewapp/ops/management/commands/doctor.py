"""`manage.py doctor`: what is running, what is wrong, and what to do about it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reviewapp.ops import doctor


class Command(BaseCommand):
    """Print every finding; exit with 1 when there is a fault."""

    help = "Say what is running, versions, migrations, queues, disk, clock and keys, and what to do about each fault."
    # The doctor must speak when the database does not.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --json."""
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine and tell."""
        findings = doctor.examine()
        self.stdout.write(doctor.as_json(findings) if options["json"] else doctor.as_text(findings))
        if not doctor.healthy(findings):
            raise SystemExit(1)
