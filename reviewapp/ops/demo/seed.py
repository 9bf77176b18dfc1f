"""Seeding the demo, once."""

import json
from pathlib import Path

from django.conf import settings
from django.db import transaction

from reviewapp.core import events
from reviewapp.core.accounts import actors
from reviewapp.core.accounts.models import User
from reviewapp.core.errors import NotAllowed
from reviewapp.ops.demo import agents, day, office, people

events.external("demo.seeded")


def wanted() -> bool:
    """Say whether there is still a demo to seed: an installation with people in it gets none."""
    return not User.objects.exists()


def seed(path: Path) -> people.Staff:
    """Make people, agents and a day of work; write passwords and keys to `path` (0600).

    Everything in one transaction: a start that was interrupted begins again from nothing. Raises `NotAllowed` where the
    settings forbid a demo.
    """
    if not settings.ALLOW_DEMO:
        raise NotAllowed("These settings forbid demo people and data.")
    with transaction.atomic():
        staff = people.hire()
        users = staff.users
        team = agents.Team(users["lena"], users["hanna"], users["daniel"])
        credit, employment, refund = agents.credit(team), agents.employment(team), agents.refund(team)
        agents.office_hours(refund, by=users["mei"])
        office.employment(employment, users)
        office.views(users)
        for agent in (credit, employment, refund):
            staff.keys[f"program:{agent.slug}"] = people.service_key(agent, ["decide", "read"], by=users["daniel"])
        hook = day.registry(employment, developer=users["daniel"])
        day.credit(credit, users)
        day.employment(employment, users, team)
        day.refund(refund, users, team)
        day.trouble(employment, hook, operator=users["mei"])
        events.record("demo.seeded", subject=("installation", "demo"), actor=actors.SYSTEM)
        write(path, staff)
    return staff


def write(path: Path, staff: people.Staff) -> None:
    """Write who may sign in, and the simulation's keys, for the owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    path.chmod(0o600)
    path.write_text(
        json.dumps({"people": staff.people, "keys": staff.keys}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
