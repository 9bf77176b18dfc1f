"""`manage.py rebuild_features`: make the online features again from PostgreSQL."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.selectors.online import RedisError
from agents.services import online


class Command(BaseCommand):
    """Write the newest value of every entity to Redis, where it is not there already."""

    help = "Make the online features in Redis again from the history in PostgreSQL; decisions read on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let one view be chosen."""
        parser.add_argument("--view", help="only the versions of this view")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how many values were newer than what Redis had."""
        try:
            written = online.rebuild(view=options["view"])
        except (RedisError, OSError) as fault:
            raise CommandError(f"Redis does not answer: {fault}. Start it and run this again.") from fault
        self.stdout.write(f"{written} values written")
