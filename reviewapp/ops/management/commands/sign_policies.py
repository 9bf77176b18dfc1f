"""`manage.py sign_policies`: the step of a key's replacement that signs everything again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.services import rekeying
from reviewapp.core.accounts import actors
from reviewapp.core.errors import DomainError


class Command(BaseCommand):
    """Sign every trusted policy and slot with this process's key, or only the policies that are named."""

    help = "Sign every policy and slot that a trusted key has signed with the present SIGNING_KEY too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --policy."""
        parser.add_argument(
            "--policy",
            action="append",
            metavar="DIGEST",
            help="sign only this one, whoever signed it before; for the day a key was stolen; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sign, and say how much."""
        try:
            added = self._named(options["policy"]) if options["policy"] else rekeying.sign_again(by=actors.SYSTEM)
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"signatures added: {added}")

    def _named(self, digests: list[str]) -> int:
        return sum(rekeying.vouch(digest=digest, by=actors.SYSTEM) for digest in digests)
