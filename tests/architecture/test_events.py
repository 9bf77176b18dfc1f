"""Every event type that the code records is heard by someone, or is marked as meant for outside."""

import ast
import importlib
from pathlib import Path

import pytest

from reviewapp.core.events import registry

ROOT = Path(__file__).resolve().parents[2]


def recorded() -> dict[str, str]:
    """Return the literal event types passed to events.record, with the file that records them."""
    found: dict[str, str] = {}
    for package in ("reviewapp", "agents", "corrections", "policies"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0]
                if name == "record" and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[first.value] = str(path.relative_to(ROOT))
    return found


def test_recorded_types__are_found_by_the_scan():
    assert "consensus.formed" in recorded()


@pytest.fixture(scope="module", autouse=True)
def _everyone_is_listening() -> None:
    """Import whatever records or hears, as the worker that runs all of it does."""
    for path in set(recorded().values()):
        importlib.import_module(path.removesuffix(".py").replace("/", "."))


@pytest.mark.parametrize("kind", sorted(recorded()))
def test_event_type__has_a_subscriber_or_is_external(kind):
    assert registry.is_known(kind), f"{kind}, recorded in {recorded()[kind]}"
