"""What the tags draw: words beside every colour, nothing unescaped."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template

from reviewapp.core import clock
from reviewapp.core.web.templatetags import plots, ui

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
EVIL = '<script>"x"</script>'


def drawn(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.parametrize(
    "source",
    [
        "{% icon evil %}",
        "{% tag evil evil evil %}",
        "{% said evil evil %}",
        "{% person evil evil %}",
        "{% digest evil evil %}",
        "{% hash evil evil %}",
        "{% meter evil 0.5 0.6 evil evil %}",
    ],
)
def test_tags__markup_in_values__is_escaped(source: str) -> None:
    assert "<script" not in drawn(source, evil=EVIL)


def test_icon__sizes__become_classes() -> None:
    assert 'class="icon icon--sm touch-only"' in ui.icon("x", "sm touch-only")


def test_tag__status__icon_word_and_tone() -> None:
    found = drawn('{% tag "Serving" "positive" "circle-check" %}')

    assert 'data-tone="positive"' in found
    assert "#i-circle-check" in found
    assert "Serving" in found


def test_person__name__two_initials() -> None:
    assert ">TH<" in drawn('{% person "Tomás de la Herrera" %}')
    assert "Amina Okafor, reviewer" in drawn('{% person "Amina Okafor" "reviewer" %}')


def test_sla__due__words_ring_and_what_the_browser_needs() -> None:
    found = drawn("{% sla due since due_words=True %}", due=NOW + timedelta(hours=1), since=NOW - timedelta(hours=1))

    assert "1 h 00 left, due 15:30" in found
    assert 'stroke-dasharray="50 100"' in found
    assert f'data-due="{(NOW + timedelta(hours=1)).isoformat()}"' in found


def test_sla__due_words__are_in_the_zone_of_whoever_looks() -> None:
    found = drawn(
        "{% sla due due_words=True %}", due=NOW + timedelta(hours=1), user=SimpleNamespace(time_zone="Asia/Tokyo")
    )

    assert "due 21 Nov, 00:30" in found


def test_sla__no_due__is_paused_and_stays_so() -> None:
    found = drawn("{% sla None %}")

    assert "Paused" in found
    assert "data-due" not in found


def test_when__moment__local_with_the_absolute_time_on_hover() -> None:
    found = drawn("{% when at %}", at=NOW, user=SimpleNamespace(time_zone="Europe/Berlin"))

    assert ">15:30</time>" in found
    assert 'title="2026-11-20 15:30:00 CET"' in found


@pytest.mark.parametrize("nothing", [None, ""])
def test_when__nothing__is_never(nothing: object) -> None:
    assert drawn("{% when at %}", at=nothing) == "never"


def test_digest__value__shows_the_ends_and_copies_the_whole() -> None:
    found = drawn('{% digest value "policy digest" %}', value="sha256:" + "ab12" * 16)

    assert "ab12ab…12ab12" in found
    assert f'data-copy="sha256:{"ab12" * 16}"' in found
    assert 'aria-label="Copy policy digest"' in found


def test_meter__tick__stands_where_its_limit_is() -> None:
    found = ui.meter("Confidence", 0.61, 0.7, "review below", "caution")

    assert 'width="61.0%"' in found
    assert 'x1="70.0%"' in found
    assert "review below 0.70" in found


@pytest.mark.parametrize(("share", "x", "width"), [(1.0, "72.0", "68.0"), (-0.5, "38.0", "34.0"), (0.0, "72.0", "0.0")])
def test_contrib__share__goes_left_or_right_of_the_middle(share: float, x: str, width: str) -> None:
    assert f'x="{x}" y="3" width="{width}"' in ui.contrib(share)


def test_undo_of__message__only_an_address_of_this_site() -> None:
    assert ui.undo_of(SimpleNamespace(extra_tags="undo=/tasks/1/undo other")) == "/tasks/1/undo"
    assert ui.undo_of(SimpleNamespace(extra_tags="undo=https://evil.example")) == ""
    assert ui.undo_of(SimpleNamespace(extra_tags=None)) == ""


def test_styled__field_with_error__names_it_as_its_description() -> None:
    class Form(forms.Form):
        name = forms.CharField()

    found = ui.styled(Form({"name": ""})["name"])

    assert 'class="input"' in found
    assert 'aria-invalid="true"' in found
    assert 'aria-describedby="id_name-e"' in found


def test_bars__values__heights_follow_a_round_scale() -> None:
    found = plots.bars([5, 10], ["a", "b"], marked=[1])

    assert found.count("<rect") == 2
    assert 'height="120.0"' in found
    assert "bar--warn" in found
    assert "style=" not in found


@pytest.mark.parametrize(("highest", "top"), [(0, 1), (0.3, 0.5), (1, 1), (118, 200), (501, 1000)])
def test_ceiling__highest__is_one_two_or_five(highest: float, top: float) -> None:
    assert plots.ceiling(highest) == pytest.approx(top)


def test_sprite__every_icon_a_template_names__is_there() -> None:
    sprite = set(re.findall(r'id="i-([a-z0-9-]+)"', (settings.BASE_DIR / "static/icons/icons.svg").read_text()))
    named = {
        name
        for path in Path(settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r'\{% icon "([a-z0-9-]+)"', path.read_text())
    }

    assert named - sprite == set()
