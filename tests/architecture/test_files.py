"""Files stay small enough to hold in the head, say what they are, and the project stands on its own."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("reviewapp", "agents", "corrections", "policies")
FOLDERS = (*PACKAGES, "tests", "templates", "static", "docs")
ALONE = ("manage.py", "Makefile", "pyproject.toml", "README.md", "requirements.txt", ".importlinter", ".ci/run")
# Written by makemigrations, or by others and carried as they are.
NOT_OURS = ("0001_initial.py",)


def _files(*suffixes: str, folders: tuple[str, ...] = FOLDERS) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in suffixes and not {"__pycache__", "vendor"} & set(path.parts) and path.name not in NOT_OURS
    ]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(("suffix", "most"), [(".py", 400), (".html", 250), (".js", 400), (".css", 400)])
def test_files__no_longer_than_one_can_hold(suffix, most):
    assert {str(path.relative_to(ROOT)): _lines(path) for path in _files(suffix) if _lines(path) > most} == {}


@pytest.mark.parametrize("name", ["helpers", "utils", "misc", "common"])
def test_no_module__is_named_after_nothing(name):
    assert [path for path in _files(".py") if path.stem == name] == []


def test_modules__say_what_they_are():
    mute = [
        str(path.relative_to(ROOT))
        for path in _files(".py", folders=PACKAGES)
        if path.stat().st_size
        and "migrations" not in path.parts
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert mute == []


def test_nothing__reads_outside_the_checkout():
    outside = re.compile(r"\.\./" + "shared|/work/" + "shared")
    texts = [*_files(".py", ".html", ".js", ".css", ".md", ".json", ".toml"), *(ROOT / name for name in ALONE)]

    assert [path for path in texts if path.is_file() and outside.search(path.read_text(encoding="utf-8"))] == []


def test_templates__nothing_inline_that_the_policy_refuses():
    """The content security policy allows own files only, so what stands in an attribute or a tag would not run."""
    inline = re.compile(r"\s(style|on[a-z]+)=|<style|<script(?![^>]*\bsrc=)|hx-on|javascript:|!important")
    pages = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in _files(".html")}

    assert {str(path): found[0] for path, text in pages.items() if (found := inline.search(text))} == {}


def test_pages__take_nothing_from_other_hosts():
    # Namespaces of SVG are names, not addresses.
    elsewhere = re.compile(r"""(?:src|href|action|url\()=?["'(]?\s*(?:https?:)?//""")
    pages = _files(".html", ".css", ".js")

    assert [path for path in pages if elsewhere.search(path.read_text(encoding="utf-8"))] == []


def test_our_scripts__stay_in_their_budget():
    scripts = sum(path.stat().st_size for path in _files(".js", folders=("static",)))

    assert scripts < 40_000, f"{scripts} bytes of our own JavaScript"


def test_texts__speak_of_the_product_only():
    """What a reader finds is about the product, never about how it was made."""
    words = re.compile(r"\bissue \d+\b|\bAI assistant\b|\bTODO\b|\bFIXME\b|\bXXX\b")
    texts = [
        path
        for path in [*_files(".py", ".html", ".md", ".js", ".css"), *(ROOT / name for name in ALONE)]
        if path != Path(__file__)
    ]

    assert [
        str(path.relative_to(ROOT))
        for path in texts
        if path.is_file() and words.search(path.read_text(encoding="utf-8"))
    ] == []
