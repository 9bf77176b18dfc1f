"""What these pages add to the navigation."""

from reviewapp.console import operations
from reviewapp.core.incidents import selectors as incidents
from reviewapp.core.web import nav

nav.register(
    label="Operations",
    url_name="console:operations",
    icon="activity",
    group="Run",
    order=90,
    key="o",
    visible=operations.runs_any,
)
nav.register(
    label="Incidents",
    url_name="console:incidents",
    icon="siren",
    group="Run",
    order=95,
    key="i",
    tone="critical",
    count=incidents.open_count,
    visible=incidents.sees_any,
)
