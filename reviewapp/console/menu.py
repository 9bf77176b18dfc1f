"""What these pages add to the navigation."""

from reviewapp.console import operations
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
