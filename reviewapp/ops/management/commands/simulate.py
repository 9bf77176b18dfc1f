"""`manage.py simulate`: people who err at a known rate drive the running product, and a hold-out measures what it learns."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reviewapp.ops.simulate import api, report, run, world
from reviewapp.ops.simulate.faults import SimulationError


class Command(BaseCommand):
    """Runs against the stack that `make run` started; exits with 1 and one sentence when it cannot."""

    help = "Drive the loop through the public HTTP API with simulated reviewers, and measure what each round brings."
    # Everything goes through HTTP: this process needs no database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what a simulation depends on; the same values give the same result on a fresh stack."""
        parser.add_argument("--agent", default="credit", help="credit or employment")
        parser.add_argument("--rounds", type=int, default=4, help="times round the loop")
        parser.add_argument("--reviewers", type=int, default=8, help="simulated reviewers, 2 to 24")
        parser.add_argument("--error-rate", type=float, default=0.1, help="how often each is mistaken, 0 to 1")
        parser.add_argument("--seed", type=int, default=1, help="decides order, reviewers and mistakes")
        parser.add_argument("--decisions", type=int, help="decisions per round, instead of the agent's own number")
        parser.add_argument("--url", default=settings.WEB_ORIGIN, help="where the product runs")
        parser.add_argument("--json", action="store_true", help="end with one JSON object on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Simulate and tell."""
        try:
            rounds = self._simulate(options)
        except (SimulationError, api.Refused) as fault:
            print(f"countersign: {fault}", file=sys.stderr)
            raise SystemExit(1) from None
        self.stdout.write(report.table(rounds))
        self.stdout.write(report.sentence(rounds))
        for one in rounds:
            if one.words and one.measure.version == rounds[max(0, one.number - 1)].measure.version:
                self.stdout.write(f"Round {one.number}: {one.words}")
        if options["json"]:
            self.stdout.write(report.as_json(rounds, agent=options["agent"], seed=options["seed"]))

    def _simulate(self, options: dict[str, Any]) -> list[run.Round]:
        if options["rounds"] < 1 or (options["decisions"] is not None and options["decisions"] < 1):
            raise SimulationError("Use at least one round and at least one decision a round.")
        people = run.crowd(seed=options["seed"], reviewers=options["reviewers"], error_rate=options["error_rate"])
        cases = world.build(
            options["agent"], rounds=options["rounds"], seed=options["seed"], decisions=options["decisions"]
        )
        keys = api.read_keys(Path(settings.STATE_DIR) / "demo.json")
        with api.Api(options["url"], keys) as connection:
            connection.check()
            return run.run(connection, cases, people, _progress)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
