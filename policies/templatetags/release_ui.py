"""How states of versions, gates, guards and log entries look: always an icon and a word, never a colour alone."""

from typing import Protocol

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from policies.rollout import plan as plans
from reviewapp.core.web.templatetags import ui

register = template.Library()

_VERSIONS = {
    "built": "boxes",
    "evaluated": "flask-conical",
    "submitted": "hourglass",
    "approved": "circle-check",
    "rejected": "octagon-x",
    "releasing": "rocket",
    "live": "circle-check",
    "superseded": "history",
    "rolled_back": "undo-2",
}
_TONES = {"positive": "circle-check", "critical": "circle-x", "caution": "circle-help", "neutral": "minus"}
_CHANGES = {"added": ("New", "positive", "plus"), "removed": ("Removed", "critical", "minus")}
_STAGES = {"done": ("positive", "circle-check"), "now": ("info", "circle-dot"), "open": ("", "circle-dashed")}
_LOG = {
    "version.approved": ("positive", "circle-check"),
    "version.rejected": ("critical", "octagon-x"),
    "version.returned": ("caution", "undo-2"),
    "version.submitted": ("human", "hourglass"),
    "version.withdrawn": ("neutral", "undo-2"),
    "version.revoked": ("critical", "octagon-x"),
    "version.built": ("info", "boxes"),
    "version.evaluated": ("info", "flask-conical"),
    "release.started": ("positive", "rocket"),
    "release.advanced": ("info", "skip-forward"),
    "release.paused": ("caution", "pause"),
    "release.resumed": ("info", "play"),
    "release.rolled_back": ("critical", "undo-2"),
    "release.live": ("positive", "circle-check"),
    "build.failed": ("critical", "octagon-x"),
}


class Stated(Protocol):
    """A version as a head or a row shows it."""

    @property
    def state(self) -> str: ...
    @property
    def state_label(self) -> str: ...
    @property
    def tone(self) -> str: ...
    @property
    def share_bp(self) -> int: ...


@register.simple_tag
def state_tag(version: Stated) -> SafeString:
    """Draw a version's state, with its share of the traffic while it has one."""
    words = f"{version.state_label}, {plans.percent(version.share_bp)}" if version.share_bp else version.state_label
    return ui.tag(words, version.tone, _VERSIONS.get(version.state, "circle-dot"))


@register.simple_tag
def verdict_tag(words: str, tone: str, *, plain: bool = False) -> SafeString:
    """Draw the verdict of a gate, a guard or a comparison."""
    return ui.tag(words, tone, _TONES.get(tone, "circle-dot"), plain=plain)


@register.simple_tag
def change_tag(kind: str) -> SafeString:
    """Draw what happened to a rule, a field or a threshold."""
    return ui.tag(*_CHANGES.get(kind, ("Changed", "info", "pen-line")))


@register.simple_tag
def stage_icon(state: str) -> SafeString:
    """Draw where a stage of a plan stands."""
    return ui.icon(_STAGES[state][1])


@register.filter
def stage_tone(state: str) -> str:
    """Return the tone of a stage, empty while it lies ahead."""
    return _STAGES[state][0]


@register.simple_tag
def log_mark(kind: str) -> SafeString:
    """Draw the mark of a log entry."""
    tone, name = _LOG.get(kind, ("neutral", "circle-dot"))
    return format_html('<span class="timeline__mark" data-tone="{}">{}</span>', tone, ui.icon(name))


@register.filter
def traffic(share_bp: int) -> str:
    """Show a share of the traffic, given in basis points."""
    return plans.percent(share_bp)


@register.filter
def of(count: int, total: int) -> str:
    """Show a count with its base: "7 of 8"."""
    return f"{count} of {total}"
