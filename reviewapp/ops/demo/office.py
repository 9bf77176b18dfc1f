"""How the demo's people work together: a second queue with its rule and points, a skill with certificates, a shared view."""

from datetime import timedelta

from agents.models import Agent
from corrections.rules.priority import Weights
from corrections.selectors import routing as routes
from corrections.services import queues, routing, searching, skills, weighing
from reviewapp.core import clock
from reviewapp.core.accounts import access
from reviewapp.core.accounts.models import User

_LATE = "sara"
_SOON = "amina"


def employment(agent: Agent, users: dict[str, User]) -> None:
    """Give older people's cases a queue of their own, for whoever is certified in pensions: all but Sara, who may still be."""
    mei = users["mei"]
    older = queues.make(
        agent_id=agent.pk,
        kind="standard",
        terms=queues.Terms("Past retirement age", purpose="pensions make them special", seats=1, position=15),
        by=mei,
    )
    routing.replace(
        agent_id=agent.pk,
        rules=[routing.Terms("Seventy and older", "input.age >= 70", older.code)],
        default="review",
        mark=routes.mark(agent.pk),
        by=mei,
    )
    weighing.configure(queue_id=older.pk, weights=Weights(age_points=5, age_hours=4), by=mei)
    skill = skills.make(
        agent_id=agent.pk, name="Pensions", about="Tells work from a pension, and knows both in one household.", by=mei
    )
    now = clock.now()
    for person in access.holders("agents.review_task", agent).exclude(username=_LATE):
        skills.grant(
            skill_id=skill.pk,
            to=person.username,
            valid_from=now,
            valid_until=now + timedelta(days=9 if person.username == _SOON else 365),
            basis="Course of the autumn, passed",
            by=mei,
        )
    skills.need(queue_id=older.pk, skills=[skill.code], by=mei)


def views(users: dict[str, User]) -> None:
    """Save what people of the demo look at, for everybody."""
    searching.save_view(name="Overdue cases", kind="tasks", query="state:open is:overdue", shared=True, by=users["mei"])
    searching.save_view(
        name="Corrected credit decisions",
        kind="corrections",
        query="agent:credit verdict:correct",
        shared=True,
        by=users["lena"],
    )
