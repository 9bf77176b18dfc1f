"""How strongly the agent's answer pulls: how often people who judged otherwise at first go over to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewapp.core import statements
from reviewapp.core.accounts.models import User

DAYS = 28
# What was undone is no last word; of what was returned, the later one is.
_COUNTED = statements.told_once("""
    SELECT count(*), count(*) FILTER (WHERE said.output = decided.output)
    FROM corrections_firstjudgement first
    JOIN agents_decision decided ON decided.id = first.decision_id AND decided.output <> first.output
    JOIN corrections_correction said ON said.decision_id = first.decision_id AND said.author_id = first.author_id
    WHERE first.author_id = %s AND first.recorded_at >= %s
        AND NOT EXISTS (SELECT FROM corrections_undo undone WHERE undone.correction_id = said.id)
        AND NOT EXISTS (SELECT FROM corrections_correction later WHERE later.replaces_id = said.id)
""")


@dataclass(frozen=True, slots=True)
class Sway:
    """Of the blind cases that the person first judged otherwise than the agent: in how many they then took its answer."""

    swayed: int
    differed: int
    days: int = DAYS


def of(user: User, *, now: datetime) -> Sway:
    """Return how often a person went over to the agent's answer, in the last `DAYS` days."""
    row = statements.run(_COUNTED, [user.pk, now - timedelta(days=DAYS)]).fetchone()
    return Sway(swayed=row[1], differed=row[0]) if row is not None else Sway(0, 0)
