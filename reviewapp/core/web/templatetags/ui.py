"""Template tags of the components: icons, deadlines, meters, contribution bars, times, digests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviewapp.core import clock, ids

register = template.Library()

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; it never stands alone, a word says the same."""
    classes = "icon icon--sm" if size == "sm" else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>', classes, static("icons/icons.svg"), name
    )


@register.simple_tag
def tag(words: str, tone: str = "neutral", name: str = "", *, plain: bool = False) -> SafeString:
    """Draw a tag: an icon (optional) and a word in a tone."""
    drawn = icon(name) if name else ""
    return format_html(
        '<span class="tag{}" data-tone="{}">{}{}</span>', " tag--plain" if plain else "", tone, drawn, words
    )


@register.simple_tag
def said(who: str, by: str = "agent") -> SafeString:
    """Mark authorship: violet robot for the agent, teal person for a person."""
    name = "bot" if by == "agent" else "user-round"
    return format_html('<span class="said" data-tone="{}">{}{}</span>', by, icon(name, "sm"), who)


@register.simple_tag
def sla(due: datetime, since: datetime | None = None, *, small: bool = False, due_words: bool = False) -> SafeString:
    """Draw a deadline as a ring and words: how much of the time from `since` to `due` is gone, and how much is left."""
    now = clock.now()
    left = (due - now).total_seconds()
    whole = max((due - since).total_seconds(), 60.0) if since else 7200.0
    gone = max(0.0, min(1.0, 1 - left / whole))
    tone = "critical" if left <= 0 else "caution" if gone > 0.75 else "positive"
    words = f"{span(-left)} over" if left <= 0 else f"{span(left)} left" if not small else span(left)
    if due_words:
        words = f"{words}, due {clock_time(due)}"
    return format_html(
        '<span class="sla{}" data-tone="{}"><svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">'
        '<circle cx="10" cy="10" r="7.5"></circle>'
        '<circle cx="10" cy="10" r="7.5" pathLength="100" stroke-dasharray="{} 100"></circle></svg>{}</span>',
        " sla--sm" if small else "",
        tone,
        round(gone * 100),
        words,
    )


def span(seconds: float) -> str:
    """Return a length of time in at most two units: "4 min", "1 h 02", "3 d 4 h"."""
    whole = int(abs(seconds))
    if whole < 60:
        return "under 1 min"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def clock_time(moment: datetime) -> str:
    """Return a time of day, with the date once it is not today."""
    if moment.date() == clock.now().astimezone(moment.tzinfo).date():
        return moment.strftime("%H:%M")
    return f"{moment.day} {moment.strftime('%b, %H:%M')}"


@register.simple_tag(takes_context=True)
def when(context: Mapping[str, Any], moment: datetime | str | None) -> SafeString | str:
    """Show an instant in the person's zone: 24 h, with the date once it is not today; the absolute time on hover."""
    if moment is None or moment == "":
        return "never"
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    zone = ZoneInfo(getattr(context.get("user"), "time_zone", None) or "UTC")
    local = moment.astimezone(zone)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        clock_time(local),
    )


@register.simple_tag
def digest(value: str, label: str = "digest") -> SafeString:
    """Show a digest's head and tail with a button that copies the whole."""
    return format_html(
        '<span class="hash"><span title="{0}">{1}</span><button type="button" class="btn btn--quiet btn--icon btn--sm" '
        'data-copy="{0}" aria-label="Copy {2}">{3}</button></span>',
        value,
        ids.short(value),
        label,
        icon("copy"),
    )


@register.simple_tag
def meter(
    label: str, value: float | None, tick: float | None = None, tick_words: str = "", tone: str = "agent"
) -> SafeString:
    """Draw a share from 0 to 1 on a track, with an optional tick and the words under it."""
    if value is None:
        return format_html('<div class="meter"><div class="meter__head"><span>{}</span><b>none</b></div></div>', label)
    drawn: SafeString | str = ""
    if tick is not None:
        anchor = "start" if tick < 0.2 else "end" if tick > 0.8 else "middle"
        drawn = format_html(
            '<line class="tick" x1="{0}%" x2="{0}%" y1="-3" y2="9"></line><text x="{0}%" y="20" text-anchor="{1}">{2} {3}</text>',
            round(tick * 100, 1),
            anchor,
            tick_words,
            f"{tick:.2f}",
        )
    return format_html(
        '<div class="meter" data-tone="{}"><div class="meter__head"><span>{}</span><b>{}</b></div>'
        '<svg height="22" aria-hidden="true" focusable="false"><rect class="track" width="100%" height="6" rx="3"></rect>'
        '<rect class="fill" width="{}%" height="6" rx="3"></rect>{}</svg></div>',
        tone,
        label,
        f"{value:.2f}",
        round(max(0.0, min(1.0, value)) * 100, 1),
        drawn,
    )


@register.simple_tag
def contrib(share: float) -> SafeString:
    """Draw how far an input moves the score: left lowers, right raises; `share` is -1 to 1 of the largest."""
    width = abs(share) * 68
    x = 72.0 if share >= 0 else 72.0 - width
    return format_html(
        '<svg class="contrib" viewBox="0 0 144 16" preserveAspectRatio="none" data-tone="{}" aria-hidden="true" focusable="false">'
        '<rect x="{}" y="3" width="{}" height="10" rx="1.5"></rect>'
        '<line x1="72" x2="72" y1="0" y2="16" vector-effect="non-scaling-stroke"></line></svg>',
        "agent" if share < 0 else "info",
        f"{x:.1f}",
        f"{width:.1f}",
    )


@register.filter
def signed(value: float) -> str:
    """Show a number with its sign and a real minus."""
    return f"+{value:.2f}" if value >= 0 else f"−{abs(value):.2f}"


@register.filter
def percent(value: float | None) -> str:
    """Show a share as a percentage with one decimal."""
    return "no data" if value is None else f"{value * 100:.1f} %"


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """Return a member of a mapping, or nothing."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def short(value: Any) -> str:
    """Return the head and tail of an id or digest."""
    return ids.short(str(value))


@register.filter
def styled(field: BoundField) -> SafeString:
    """Render a form field's control in the look of its kind."""
    kind = {"select": "select", "textarea": "textarea"}.get(field.widget_type, "input")
    extra = {"class": kind}
    if field.errors:
        extra["aria-invalid"] = "true"
    return SafeString(field.as_widget(attrs=extra))
