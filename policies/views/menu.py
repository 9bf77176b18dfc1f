"""What these pages add to the navigation and the command palette."""

from policies.selectors import deciders
from reviewapp.core.web import nav

nav.register(
    label="Releases",
    url_name="policies:releases",
    icon="git-branch",
    group="Policies",
    order=40,
    key="r",
    tone="caution",
    count=deciders.open_count,
    visible=deciders.sees_any,
)
