"""Charts as SVG drawn on the server: colours by class, positions in percent, so that text never stretches.

Every chart stands beside the numbers or the sentence that say the same, so the drawing itself is hidden from screen
readers.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviewapp.core.web.templatetags import ui

register = template.Library()

_FOREST_WIDTH = 152.0
_PLOT_HEIGHT = 150
_CALIBRATION_TOP, _CALIBRATION_FOOT = 8.0, 228.0


class Moment(Protocol):
    """A value with its band at one moment."""

    @property
    def at(self) -> datetime: ...
    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@register.filter
def points(value: float | None) -> str:
    """Show a difference of shares in percentage points, with its sign and a real minus."""
    if value is None:
        return "no data"
    return f"{value * 100:+.1f} points".replace("-", "−")


@register.simple_tag
def amount(value: float | None, unit: str) -> str:
    """Show a value in its unit: share (per cent), points (difference of shares) or count."""
    if value is None:
        return "no data"
    if unit == "count":
        return f"{value:,.0f}"
    return points(value) if unit == "points" else ui.percent(value)


@register.simple_tag
def forest(
    low: float,
    high: float,
    *,
    value: float | None,
    axis_low: float,
    axis_high: float,
    limit: float | None = None,
    baseline: float | None = None,
) -> SafeString:
    """Draw a value with its interval; optionally a limit (dashed) and a baseline (hollow)."""

    def x(number: float) -> str:
        spread = (axis_high - axis_low) or 1.0
        return f"{4 + max(0.0, min(1.0, (number - axis_low) / spread)) * (_FOREST_WIDTH - 8):.1f}"

    drawn = [format_html('<line class="whisker" x1="{}" x2="{}" y1="9" y2="9"></line>', x(low), x(high))]
    if limit is not None:
        drawn.insert(0, format_html('<line class="limit" x1="{0}" x2="{0}" y1="0" y2="18"></line>', x(limit)))
    if baseline is not None:
        drawn.append(format_html('<circle class="dot--2" cx="{}" cy="9" r="3"></circle>', x(baseline)))
    if value is not None:
        drawn.append(format_html('<circle class="dot" cx="{}" cy="9" r="3.75"></circle>', x(value)))
    return _svg("forest plot", f"0 0 {_FOREST_WIDTH:g} 18", drawn)


@register.simple_tag
def pair(before: float | None, after: float | None, reach: float) -> SafeString:
    """Draw old (hollow) and new (solid) points on one scale from -`reach` to `reach`, with the way between them."""

    def x(number: float) -> str:
        return f"{_FOREST_WIDTH / 2 + number / (reach or 1.0) * (_FOREST_WIDTH / 2 - 6):.1f}"

    middle = _FOREST_WIDTH / 2
    drawn = [format_html('<line class="axis" x1="{0}" x2="{0}" y1="0" y2="18"></line>', f"{middle:g}")]
    if before is not None and after is not None:
        drawn.append(format_html('<line class="whisker" x1="{}" x2="{}" y1="9" y2="9"></line>', x(before), x(after)))
    if before is not None:
        drawn.append(format_html('<circle class="dot--2" cx="{}" cy="9" r="3.25"></circle>', x(before)))
    if after is not None:
        drawn.append(format_html('<circle class="dot" cx="{}" cy="9" r="3.75"></circle>', x(after)))
    return _svg("forest plot", f"0 0 {_FOREST_WIDTH:g} 18", drawn)


@register.simple_tag
def spark(values: Sequence[float]) -> SafeString:
    """Draw a little line from the first value to the last, from 0 to the largest; the last one gets a dot."""
    top = max([*values, 1])
    step = 72 / max(len(values) - 1, 1)
    spots = [(index * step, 18 - 16 * value / top) for index, value in enumerate(values)] or [(0.0, 18.0)]
    line = " L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    drawn = format_html(
        '<path class="s1" d="M{}"></path><circle class="dot" cx="{}" cy="{}" r="2.5"></circle>',
        line,
        *(f"{one:.1f}" for one in spots[-1]),
    )
    return _svg("spark plot", "0 0 72 20", [drawn])


@register.simple_tag
def share_bar(shares: Iterable[float]) -> SafeString:
    """Draw shares of a whole (0 to 1 each) side by side; the second and later ones are stronger."""
    drawn, at = [], 0.0
    for index, share in enumerate(shares):
        gap = 0.3 if index else 0.0
        drawn.append(
            format_html(
                '<rect class="{}" x="{}%" width="{}%" height="14" rx="2"></rect>',
                "bar" if index else "bar--2",
                f"{at * 100 + gap:.2f}",
                f"{max(0.0, share * 100 - gap):.2f}",
            )
        )
        at += share
    return format_html(
        '<svg class="plot" width="100%" height="14" aria-hidden="true" focusable="false">{}</svg>', _joined(drawn)
    )


@register.simple_tag(takes_context=True)
def band(context: Mapping[str, Any], series: Sequence[Moment], limit: float, limit_words: str) -> SafeString:
    """Draw shares (or their differences) over time with their band and a limit; the axis counts in points."""
    low, high = _reach(series[-1], limit)

    def y(number: float) -> float:
        return (1 - (max(low, min(high, number)) - low) / (high - low)) * _PLOT_HEIGHT

    marks = _ticks(low * 100, high * 100)
    labels = [f"{mark:+g}".replace("-", "−") if mark else "0" for mark in marks]
    width = max(len(label) for label in labels) * 7
    axis = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        ((width, f"{y(mark / 100) + 4:.1f}", label) for mark, label in zip(marks, labels, strict=True)),
    )
    grid = format_html_join(
        "", '<line class="grid" x1="0" x2="100%" y1="{0}" y2="{0}"></line>', ((f"{y(m / 100):.1f}",) for m in marks)
    )
    return format_html(
        '<div class="plotbox"><svg class="plot plot__y" width="{}" height="170" aria-hidden="true" focusable="false">{}</svg>'
        '<svg class="plot" width="100%" height="170" aria-hidden="true" focusable="false">{}{}'
        '<line class="limit" x1="0" x2="100%" y1="{}" y2="{}"></line><text class="strong" x="100%" y="{}" text-anchor="end">{}</text>'
        '<line class="axis" x1="0" x2="100%" y1="150" y2="150"></line>{}</svg></div>',
        width,
        axis,
        grid,
        _lines(series, y),
        f"{y(limit):.1f}",
        f"{y(limit):.1f}",
        f"{max(10.0, y(limit) - 4):.1f}",
        limit_words,
        _time_axis(context, series),
    )


@register.simple_tag
def calibration(rows: Sequence[Any]) -> SafeString:
    """Draw how often answers were right against how sure the policy said it was; the diagonal is perfect."""
    least = min((min(row.stated, row.right_low) for row in rows), default=0.0)
    floor = math.floor(min(least, 0.5) * 5) / 5

    def x(share: float) -> str:
        return f"{8 + (share - floor) / (1 - floor) * 90:.2f}%"

    def y(share: float) -> str:
        above = (max(share, floor) - floor) / (1 - floor)
        return f"{_CALIBRATION_FOOT - above * (_CALIBRATION_FOOT - _CALIBRATION_TOP):.1f}"

    drawn = []
    for step in range(round((1 - floor) * 5) + 1):
        mark = floor + step / 5
        drawn.append(
            format_html(
                '<line class="grid" x1="8%" x2="98%" y1="{0}" y2="{0}"></line><text x="0" y="{1}">{2} %</text>'
                '<text x="{3}" y="246" text-anchor="middle">{2} %</text>',
                y(mark),
                f"{float(y(mark)) + 4:.1f}",
                round(mark * 100),
                x(mark),
            )
        )
    drawn.append(
        format_html('<line class="event" x1="{}" y1="{}" x2="{}" y2="{}"></line>', x(floor), y(floor), x(1), y(1))
    )
    for row in rows:
        if row.baseline is not None:
            drawn.append(
                format_html('<circle class="dot--2" cx="{}" cy="{}" r="4"></circle>', x(row.stated), y(row.baseline))
            )
        drawn.append(
            format_html(
                '<line class="whisker" x1="{0}" x2="{0}" y1="{1}" y2="{2}"></line><circle class="dot" cx="{0}" cy="{3}" r="4.5"></circle>',
                x(row.stated),
                y(row.right_low),
                y(row.right_high),
                y(row.right if row.right is not None else row.stated),
            )
        )
    return format_html(
        '<svg class="plot" width="100%" height="252" aria-hidden="true" focusable="false">{}</svg>', _joined(drawn)
    )


def _lines(series: Sequence[Moment], y: Any) -> SafeString:
    if len(series) == 1:
        only = series[0]
        return format_html(
            '<line class="whisker" x1="50%" x2="50%" y1="{}" y2="{}"></line><circle class="dot" cx="50%" cy="{}" r="4.5"></circle>',
            *(f"{y(number):.1f}" for number in (only.low, only.high, only.value)),
        )
    began = series[0].at
    whole = (series[-1].at - began).total_seconds() or 1.0
    xs = [(one.at - began).total_seconds() / whole * 1000 for one in series]
    top = [f"{x:.1f} {y(one.high):.1f}" for x, one in zip(xs, series, strict=True)]
    foot = [f"{x:.1f} {y(one.low):.1f}" for x, one in zip(xs, series, strict=True)]
    line = [f"{x:.1f} {y(one.value):.1f}" for x, one in zip(xs, series, strict=True)]
    return format_html(
        '<svg x="0" y="0" width="100%" height="150" viewBox="0 0 1000 150" preserveAspectRatio="none">'
        '<path class="band" d="M{}Z"></path><path class="s1" d="M{}"></path></svg>',
        " L".join([*top, *reversed(foot)]),
        " L".join(line),
    )


def _time_axis(context: Mapping[str, Any], series: Sequence[Moment]) -> SafeString:
    zone = ZoneInfo(getattr(context.get("user"), "time_zone", None) or "UTC")
    first, last = (ui.clock_time(one.at.astimezone(zone)) for one in (series[0], series[-1]))
    if len(series) == 1:
        return format_html('<text x="50%" y="165" text-anchor="middle">{}</text>', first)
    return format_html(
        '<text x="0" y="165" text-anchor="start">{}</text><text x="100%" y="165" text-anchor="end">{}</text>',
        first,
        last,
    )


def _reach(last: Moment, limit: float) -> tuple[float, float]:
    """Return the axis: what the last reading and the limit need. Early bands are wider and are cut at the edge."""
    low, high = min(last.low, limit, 0.0), max(last.high, limit, 0.0)
    room = (high - low) * 0.25 or 0.01
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Return at most five round numbers between two bounds."""
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough)
    return [round(index * step, 6) for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _svg(classes: str, box: str, drawn: Sequence[SafeString]) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="{}" aria-hidden="true" focusable="false">{}</svg>', classes, box, _joined(drawn)
    )


def _joined(drawn: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((one,) for one in drawn))
