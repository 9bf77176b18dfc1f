"""`manage.py replay_events`: hand parked events to their handlers again."""

from typing import Any

from django.core.management.base import BaseCommand

from reviewapp.core import clock
from reviewapp.core.events import relay


class Command(BaseCommand):
    """Give every parked event a fresh start, after the cause is mended."""

    help = "Hand events that failed too often to their handlers again; the relay picks them up within seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        """Release them and say how many."""
        self.stdout.write(f"{relay.replay_parked(now=clock.now())} events released")
