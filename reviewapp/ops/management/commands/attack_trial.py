"""`manage.py attack_trial`: people work against the truth; who is found, and what does a policy lose to them?"""

import dataclasses
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reviewapp.ops.attacks import crowd, trial


class Command(BaseCommand):
    """Simulates people over the census cases of the demo; needs no database and no running product."""

    help = "Let a share of simulated reviewers attack, and measure the suspicion list and the policy learned with and without."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the attack; the same values give the same result."""
        parser.add_argument("--kind", choices=crowd.KINDS, required=True, help="how the attackers answer")
        parser.add_argument("--share", type=float, default=0.15, help="share of the reviewers who attack")
        parser.add_argument("--seed", type=int, default=1, help="decides cases, people and mistakes")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Try the attack and print; exits with 1 and one sentence when the share makes no sense."""
        try:
            found = trial.run(kind=options["kind"], share=options["share"], seed=options["seed"])
        except ValueError as fault:
            self.stderr.write(f"countersign: {fault}")
            raise SystemExit(1) from None
        result = {name: round(value, 4) for name, value in dataclasses.asdict(found).items()}
        self.stdout.write(json.dumps(result) if options["json"] else _text(options["kind"], result))


def _text(kind: str, result: dict[str, float]) -> str:
    return "\n".join(
        [
            f"{crowd.REVIEWERS} reviewers, {crowd.CORRECTIONS} corrections each, attack: {kind}",
            f"attackers listed        {result['recall']:8.1%}",
            f"honest people listed    {result['false_alarms']:8.1%}",
            f"area under the curve    {result['auc']:8.3f}",
            f"policy wrong, attacked  {result['policy_error_before']:8.2%}",
            f"policy wrong, without   {result['policy_error_after']:8.2%}",
            f"policy wrong, all honest{result['policy_error_clean']:8.2%}",
        ]
    )
