"""What these pages add to the navigation."""

from corrections.selectors import escalations, queues, rights
from reviewapp.core import clock
from reviewapp.core.web import nav

nav.register(
    label="My queues",
    url_name="corrections:home",
    icon="inbox",
    group="Review",
    order=10,
    key="q",
    count=lambda user: queues.open_count(user, now=clock.now()),
)
nav.register(
    label="Escalations",
    url_name="corrections:escalations",
    icon="scale",
    group="Review",
    order=20,
    key="e",
    tone="caution",
    count=escalations.open_count,
    visible=lambda user: rights.visible_agents(user).exists(),
)
