"""Files stay small enough to hold in the head, and the project stands on its own."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("reviewapp", "agents", "corrections", "policies", "tests")


def sources(*suffixes: str) -> list[Path]:
    return [
        path
        for package in (*PACKAGES, "templates", "static")
        for path in (ROOT / package).rglob("*")
        if path.suffix in suffixes and "__pycache__" not in path.parts and "vendor" not in path.parts
    ]


def test_python_files__at_most_400_lines():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources(".py")}
    generated = "0001_initial"
    assert {name: lines for name, lines in long.items() if lines > 400 and generated not in name} == {}


def test_templates__at_most_250_lines():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources(".html")}
    assert {name: lines for name, lines in long.items() if lines > 250} == {}


@pytest.mark.parametrize("name", ["helpers", "utils", "misc", "common"])
def test_no_module__is_named_after_nothing(name):
    assert [path for path in sources(".py") if path.stem == name] == []


def test_nothing__reads_outside_the_checkout():
    here = Path(__file__)
    outside = "../" + "shared"
    assert [
        path for path in sources(".py", ".html", ".js", ".css") if path != here and outside in path.read_text()
    ] == []


def test_templates__have_no_inline_script_style_or_handler():
    marks = (" style=", " onclick=", " onchange=", " onsubmit=", "<style", "<script>", "hx-on")
    pages = {path: path.read_text() for path in sources(".html")}
    found = [(str(path.relative_to(ROOT)), mark) for path, text in pages.items() for mark in marks if mark in text]
    assert found == []


def test_our_scripts_and_styles__stay_in_their_budget():
    scripts = sum(path.stat().st_size for path in (ROOT / "static" / "js").glob("*.js"))
    assert scripts < 30_000, "30 kB of our own JavaScript"
