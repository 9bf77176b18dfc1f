"""What every page loads stays small, and templates keep to the Content-Security-Policy."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_styles__together__are_under_20_kb_compressed() -> None:
    styles = b"".join(path.read_bytes() for path in sorted((ROOT / "static/css").glob("*.css")))

    assert len(gzip.compress(styles)) < 20_000


def test_scripts__together__are_under_30_kb() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "static/js").glob("*.js")) < 30_000


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_styles__raw_colours_and_importance__stay_out(path: Path) -> None:
    text = path.read_text()

    assert "!important" not in text
    assert not re.search(r"#[0-9a-f]{3,8}\b", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template__inline_script_style_or_evaluation__has_none(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\sstyle=|\son[a-z]+=|hx-on|hx-vals=.js:|<style", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert not re.search(r'hx-trigger="[^"]*\[', text)
