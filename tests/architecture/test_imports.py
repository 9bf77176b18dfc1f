"""The layers of `.importlinter` hold, and no package stands outside them."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLANES = ("agents", "corrections", "policies")
# What the layers inside an app leave out, with the reason.
OUTSIDE = {
    "apps": "Django's entry into an app: imports handlers and menus",
    "migrations": "hand-run, import guards and models of their own app",
    "management": "commands, an edge like views",
    "templatetags": "an edge like views",
    "urls_live": "wiring of the live process",
}


def _words(text: str) -> set[str]:
    return {word.strip("()") for line in text.split() for word in line.split("|")} - {""}


@pytest.fixture(scope="module")
def contracts() -> configparser.ConfigParser:
    found = configparser.ConfigParser()
    found.read(ROOT / ".importlinter", encoding="utf-8")
    return found


def test_contracts__are_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=110
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("plane", PLANES)
def test_layers__every_package_of_an_app_has_its_place(contracts, plane):
    layered = _words(contracts["importlinter:contract:inside-apps"]["layers"])
    found = {path.stem for path in (ROOT / plane).iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}

    assert found - {"__init__"} - layered <= set(OUTSIDE)


def test_layers__every_package_of_the_kernel_has_its_place(contracts):
    layered = _words(contracts["importlinter:contract:core"]["layers"])
    found = {path.stem for path in (ROOT / "reviewapp" / "core").iterdir() if path.suffix == ".py" or path.is_dir()}

    assert found - {"__init__", "__pycache__"} <= layered


def test_layers__planes_stand_in_order(contracts):
    lines = contracts["importlinter:contract:planes"]["layers"].strip().splitlines()

    assert [line.strip() for line in lines][-4:] == ["policies", "corrections", "agents", "reviewapp.core"]


def test_contracts__nothing_is_excused(contracts):
    """An ignored import is a hole that only grows: mend the import instead."""
    assert not [name for name in contracts.sections() if "ignore_imports" in contracts[name]]


@pytest.mark.parametrize("package", ["agents.contracts", "agents.runtime", "agents.serving"])
def test_decide_process__never_loads_what_it_does_not_need(package):
    """The chain an import-linter contract cannot see: what Python really loads for the hot path."""
    code = (
        "import django, importlib, pkgutil, sys; django.setup();"
        f"package = importlib.import_module('{package}');"
        f"[importlib.import_module(one.name) for one in pkgutil.walk_packages(package.__path__, '{package}.')];"
        "print(sorted({'rest_framework', 'celery', 'guardian', 'channels', 'sklearn', 'allauth'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": "",
            "DJANGO_SETTINGS_MODULE": "reviewapp.settings.decide",
            "COUNTERSIGN_SETTINGS": "reviewapp.settings.test",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stdout.strip() == "[]", done.stdout + done.stderr
