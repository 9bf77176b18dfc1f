"""What the cases share. They run in the environment of the frameworks, where the SDK is `countersign`."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from countersign import AsyncClient, Client


@pytest.fixture
def place() -> dict[str, Any]:
    """Where the running product is: url, key, agent, and a folder; given by the test that started this."""
    found: dict[str, Any] = json.loads(os.environ["COUNTERSIGN_PLACE"])
    return found


@pytest.fixture
def product(place: dict[str, Any]) -> Iterator[Client]:
    """A client of the running product."""
    with Client(place["url"], key=place["key"], agent=place["agent"]) as client:
        yield client


@pytest.fixture
def product_async(place: dict[str, Any]) -> AsyncClient:
    """The same for asyncio; the process ends before its connection does."""
    return AsyncClient(place["url"], key=place["key"], agent=place["agent"])


def run_example(heading: str) -> None:
    """Run the Python program below a heading of docs/adapters.md, as a reader would after copying it."""
    page = Path(os.environ["COUNTERSIGN_DOCS"], "adapters.md").read_text(encoding="utf-8")
    program = page.split(f"## {heading}\n", 1)[1].split("```python\n", 1)[1].split("```", 1)[0]
    exec(compile(program, heading, "exec"), {"__name__": "example", "URL": "http://fake", "KEY": "cs_fake"})  # noqa: S102
