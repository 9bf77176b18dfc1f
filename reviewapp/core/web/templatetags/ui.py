"""Template tags of the components: icons, tags, deadlines, meters, contribution bars, times, digests.

They are built in: a template needs no `{% load %}`. Every tag escapes what it is given.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviewapp.core import clock, ids
from reviewapp.core.web import times
from reviewapp.core.web.folding import constant
from reviewapp.core.web.times import clock_time, span

register = template.Library()

__all__ = ["clock_time", "digest", "icon", "meter", "percent", "register", "said", "sla", "span", "tag", "when"]

_TOAST_TONES = {"success": "positive", "info": "info", "debug": "info", "warning": "caution", "error": "critical"}


@register.simple_tag
@constant
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; `size` is sm, lg or further classes. It never stands alone, a word says the same."""
    return _icon(name, size)


@lru_cache(maxsize=512)
def _icon(name: str, size: str) -> SafeString:
    extra = "".join(f" icon--{one}" if one in {"sm", "lg", "tone"} else f" {one}" for one in size.split())
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#i-{}"></use></svg>',
        extra,
        static("icons/icons.svg"),
        name,
    )


@register.simple_tag
@constant
def help(slug: str, anchor: str, about: str) -> SafeString:  # noqa: A001 - the name that templates read best
    """Draw a mark beside a field that leads to its section of the help, in a window of its own: nothing typed is left."""
    return format_html(
        '<a class="helpmark" href="/help/{}/#{}" target="_blank" rel="noopener">{}<span class="vh">Help: {}, opens a new window</span></a>',
        slug,
        anchor,
        icon("circle-help", "sm"),
        about,
    )


@register.simple_tag
@constant
def tag(words: str, tone: str = "neutral", name: str = "", *, plain: bool = False) -> SafeString:
    """Draw a tag: an icon (optional) and a word in a tone."""
    drawn = icon(name) if name else ""
    return format_html(
        '<span class="tag{}" data-tone="{}">{}{}</span>', " tag--plain" if plain else "", tone, drawn, words
    )


@register.simple_tag
@constant
def said(who: str, by: str = "agent") -> SafeString:
    """Mark authorship: violet robot for the agent, teal person for a person."""
    name = "bot" if by == "agent" else "user-round"
    return format_html('<span class="said" data-tone="{}">{}{}</span>', by, icon(name, "sm"), who)


@register.simple_tag
def person(name: str, note: str = "") -> SafeString:
    """Show a person: initials in a circle and the name, with a note such as the role."""
    words = name.split()
    letters = (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"
    return format_html(
        '<span class="person"><span class="avatar" data-tone="human" aria-hidden="true">{}</span>{}{}</span>',
        letters,
        name,
        f", {note}" if note else "",
    )


@register.simple_tag(takes_context=True)
def sla(
    context: Mapping[str, Any],
    due: datetime | None,
    since: datetime | None = None,
    *,
    small: bool = False,
    due_words: bool = False,
) -> SafeString:
    """Draw a deadline as a ring and words: how much of the time from `since` to `due` is gone, and how much is left.

    Without `due` the clock is paused. The browser refreshes the words every half minute.
    """
    if due is None:
        return _ring(times.Deadline("neutral", 0.0, "Paused"), "Paused", SafeString(""), small=small)
    state = times.deadline(due, since, clock.now(), small=small)
    tail = f", due {clock_time(due.astimezone(times.zone_of(context)))}" if due_words else ""
    live = format_html(
        ' data-due="{}" data-since="{}" data-tail="{}"', due.isoformat(), since.isoformat() if since else "", tail
    )
    return _ring(state, state.words + tail, live, small=small)


def deadline_ring(due: datetime, since: datetime | None, now: datetime) -> str:
    """Return the same as the tag `sla` in small, without a zone, for lists that draw many at once."""
    state = times.deadline(due, since, now, small=True)
    return _RING.format(
        tone=state.tone,
        due=due.isoformat(),
        since=since.isoformat() if since else "",
        gone=round(state.gone * 100),
        words=state.words,
    )


# Nothing that is put in here was ever typed: instants, numbers, and the words of `times`.
_RING = (
    '<span class="sla sla--sm" data-tone="{tone}" data-due="{due}" data-since="{since}" data-tail="">'
    '<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="10" cy="10" r="7.5"></circle>'
    '<circle cx="10" cy="10" r="7.5" pathLength="100" stroke-dasharray="{gone} 100"></circle></svg>'
    "<span>{words}</span></span>"
)


def _ring(state: times.Deadline, words: str, live: SafeString, *, small: bool) -> SafeString:
    return format_html(
        '<span class="sla{}" data-tone="{}"{}><svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">'
        '<circle cx="10" cy="10" r="7.5"></circle>'
        '<circle cx="10" cy="10" r="7.5" pathLength="100" stroke-dasharray="{} 100"></circle></svg>'
        "<span>{}</span></span>",
        " sla--sm" if small else "",
        state.tone,
        live,
        round(state.gone * 100),
        words,
    )


@register.simple_tag(takes_context=True)
def when(context: Mapping[str, Any], moment: datetime | str | None) -> SafeString | str:
    """Show an instant in the person's zone: 24 h, with the date once it is not today; the absolute time on hover."""
    if moment is None or moment == "":
        return "never"
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    local = moment.astimezone(times.zone_of(context))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        clock_time(local),
    )


@register.simple_tag(name="hash")
@register.simple_tag
def digest(value: str, label: str = "digest") -> SafeString:
    """Show a digest's or id's head and tail with a button that copies the whole; `label` says what is copied."""
    return format_html(
        '<span class="hash"><span title="{0}">{1}</span><button type="button" data-copy="{0}" aria-label="Copy {2}">'
        "{3}</button></span>",
        value,
        ids.short(str(value)),
        label,
        icon("copy", "sm"),
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
        "neutral" if share < 0 else "info",
        f"{x:.1f}",
        f"{width:.1f}",
    )


@register.filter
def signed(value: float) -> str:
    """Show a number with its sign and a real minus."""
    return f"+{value:.2f}" if value >= 0 else f"−{abs(value):.2f}"


@register.filter
def upto(count: int | None, limit: int) -> str:
    """Return a count that stops at a limit as people read it: "99+" for anything above."""
    return "" if count is None else f"{limit:,}+" if count > limit else f"{count:,}"


@register.filter
def lasting(seconds: float) -> str:
    """Show a length of time: in seconds below a minute, then in at most two units, the second only if it says more."""
    return f"{seconds:.0f} s" if seconds < 60 else span(seconds).removesuffix(" 00").removesuffix(" 0 h")


@register.filter
def percent(value: float | None) -> str:
    """Show a share as a percentage with one decimal."""
    return "no data" if value is None else f"{value * 100:.1f} %"


@register.filter
def get(mapping: Any, key: str) -> Any:
    """Return a member of a mapping, or nothing."""
    return mapping.get(key) if isinstance(mapping, Mapping) else None


@register.filter
def short(value: Any) -> str:
    """Return the head and tail of an id or digest."""
    return ids.short(str(value))


@register.filter
def field_id(path: str) -> str:
    """Return a dotted path as the tail of an element id, as the controls of a schema form carry it."""
    return path.replace(".", "-")


@register.filter
def tone_of(message: Any) -> str:
    """Return the tone of a Django message."""
    return _TOAST_TONES.get(getattr(message, "level_tag", ""), "positive")


@register.filter
def undo_of(message: Any) -> str:
    """Return the address that undoes what a message confirms: `extra_tags="undo=/address/"` when it was added."""
    for word in (getattr(message, "extra_tags", "") or "").split():
        if word.startswith("undo=/"):
            return str(word.removeprefix("undo="))
    return ""


@register.filter
def styled(field: BoundField) -> SafeString:
    """Render a form field's control in the look of its kind; an error is named as its description."""
    if field.widget_type in {"checkbox", "radioselect", "checkboxselectmultiple"}:
        return field.as_widget()
    attrs: dict[str, str | bool] = {
        "class": {"select": "select", "textarea": "textarea"}.get(field.widget_type, "input")
    }
    if field.errors:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"{field.id_for_label}-e"}
    return field.as_widget(attrs=attrs)
