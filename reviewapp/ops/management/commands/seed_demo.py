"""`manage.py seed_demo`: fill an empty installation with a bank's day."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reviewapp.core.errors import DomainError
from reviewapp.ops.demo import seed


class Command(BaseCommand):
    """Seeds the demo once; does nothing on an installation that has people."""

    help = "Fill an empty installation with demo people, agents and decisions."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, or say in one sentence why not."""
        if not settings.ALLOW_DEMO:
            raise CommandError("These settings forbid demo people and data.")
        if not seed.wanted():
            return
        try:
            staff = seed.seed(settings.STATE_DIR / "demo.json")
        except DomainError as fault:
            raise CommandError(f"The demo could not be seeded: {fault.detail} {fault.fields or ''}") from fault
        self.stdout.write(f"Seeded the demo: {len(staff.people)} people, 3 agents.")
