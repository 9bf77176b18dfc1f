"""Chromium, wherever `make test` found it."""

import os
from typing import Any

import pytest

from reviewapp.ops import browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the located Chromium with its own environment, quiet on the network."""
    located = browser.located()
    if located is None:
        pytest.fail("No Chromium: run make test, or .venv/bin/python -m reviewapp.ops.browser")
    quiet = [
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return {
        **browser_type_launch_args,
        "executable_path": located.executable,
        "args": [*quiet, *located.arguments],
        # Only the browser gets the libraries of its own build; the rest of the run keeps the machine's.
        "env": {**os.environ, **located.environ},
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Use the width the design was drawn for."""
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}
