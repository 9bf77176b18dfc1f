"""Bars as SVG drawn on the server: how many fall where. `{% load plots %}`."""

import math
from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_HEIGHT = 120.0


@register.simple_tag
def bars(values: Sequence[float], labels: Sequence[str], marked: Sequence[int] = ()) -> SafeString:
    """Draw one bar a value with its label below; `marked` are the positions of bars that stand out.

    The numbers belong in a table or a sentence beside it: the drawing is hidden from screen readers. Raises
    `ValueError` when values and labels differ in number.
    """
    top = ceiling(max(values, default=0.0))
    count = max(len(values), 1)
    width = 100 / count
    drawn = format_html_join(
        "",
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}" rx="1.5"></rect>'
        '<text x="{}%" y="136" text-anchor="middle">{}</text>',
        (
            (
                "bar bar--warn" if index in marked else "bar",
                f"{index * width + width * 0.15:.2f}",
                f"{_HEIGHT - value / top * _HEIGHT:.1f}",
                f"{width * 0.7:.2f}",
                f"{value / top * _HEIGHT:.1f}",
                f"{(index + 0.5) * width:.2f}",
                label,
            )
            for index, (value, label) in enumerate(zip(values, labels, strict=True))
        ),
    )
    return format_html(
        '<svg class="plot" width="100%" height="142" aria-hidden="true" focusable="false">'
        '<line class="grid" x1="0" x2="100%" y1="0.5" y2="0.5"></line><text x="0" y="12">{}</text>{}'
        '<line class="axis" x1="0" x2="100%" y1="{}" y2="{}"></line></svg>',
        f"{top:g}",
        drawn,
        f"{_HEIGHT:g}",
        f"{_HEIGHT:g}",
    )


def ceiling(highest: float) -> float:
    """Return the round number (1, 2 or 5 times a power of ten) at or above the highest bar; 1 when there is none."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= highest)
