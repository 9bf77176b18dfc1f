"""`manage.py sign_policies`: the step of a key's replacement that signs everything again."""

from typing import Any

from django.core.management.base import BaseCommand

from agents.services import rekeying
from reviewapp.core.accounts import actors


class Command(BaseCommand):
    """Sign every trusted policy and slot with this process's key."""

    help = "Sign every policy and slot that a trusted key has signed with the present SIGNING_KEY too."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sign, and say how much."""
        self.stdout.write(f"{rekeying.sign_again(by=actors.SYSTEM)} signatures added")
