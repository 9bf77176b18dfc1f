"""What these pages add to the navigation and the command palette."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.urls import reverse

from agents.selectors import decisions, visible
from reviewapp.core.errors import Missing, NotAllowed
from reviewapp.core.web import nav, palette
from reviewapp.core.web.palette import Entry


def find_agents(asker: Any, typed: str) -> Iterator[Entry]:
    """Yield the agents whose name or slug holds what was typed."""
    for agent in visible.agents(asker):
        if palette.matches(typed, f"{agent.name} {agent.slug}"):
            yield Entry(agent.name, reverse("agents:detail", args=[agent.slug]), "bot", "Agent")


def find_decisions(asker: Any, typed: str) -> Iterator[Entry]:
    """Yield the decision whose id was typed or pasted; words are not searched, inputs may be personal."""
    try:
        found = decisions.detail(asker, UUID(typed.strip()))
    except (ValueError, Missing, NotAllowed):
        return
    title = found.contract.spec.case_title(found.decision.input)
    yield Entry(title, reverse("agents:decision", args=[found.decision.pk]), "fingerprint", "Decision")


nav.register(
    label="Decisions",
    url_name="agents:decisions",
    icon="fingerprint",
    group="Review",
    order=30,
    key="d",
    visible=visible.sees_any,
)
nav.register(
    label="Agents", url_name="agents:list", icon="bot", group="Build", order=80, key="a", visible=visible.sees_any
)
nav.register(
    label="Features",
    url_name="agents:features",
    icon="database",
    group="Build",
    order=82,
    key="f",
    visible=visible.sees_any,
)
palette.register("Agents", find_agents)
palette.register("Decisions", find_decisions)
