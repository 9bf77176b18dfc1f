"""What these pages add to the navigation."""

from agents.selectors import visible
from reviewapp.core.web import nav

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
    label="Agents", url_name="agents:list", icon="bot", group="Run", order=80, key="a", visible=visible.sees_any
)
