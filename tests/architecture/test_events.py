"""Every event type that the code records is heard by someone or marked as meant for outside; and none is only heard."""

import ast
import importlib
from pathlib import Path

import pytest

from reviewapp.core.events import registry

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("reviewapp", "agents", "corrections", "policies")

# Types that are put together where they are recorded, by file and expression: all that can come of it.
COMPOSED = {
    ("agents/services/decisions.py", "FLAGGED"): {"decision.flagged"},
    ("agents/services/webhooks.py", "kind"): {
        "webhook.added",
        "webhook.rotated",
        "webhook.paused",
        "webhook.resumed",
        "webhook.removed",
        "webhook.replayed",
    },
    ("corrections/services/seats.py", "kind"): {
        "task.opened",
        "task.claimed",
        "task.released",
        "task.handed_over",
        "task.cancelled",
        "task.reservation_lapsed",
        "task.moved",
        "task.priority_set",
    },
    ("policies/services/builds.py", "kind"): {"build.finished", "build.failed"},
    ("policies/services/traffic.py", "f'release.{action}'"): {
        "release.started",
        "release.advanced",
        "release.paused",
        "release.resumed",
        "release.rolled_back",
        "release.live",
    },
    ("policies/services/versions.py", "f'version.{action or state}'"): {
        "version.submitted",
        "version.approved",
        "version.rejected",
        "version.returned",
        "version.withdrawn",
    },
    ("reviewapp/core/incidents/services.py", "f'incident.{kind}'"): {
        "incident.opened",
        "incident.again",
        "incident.declared",
        "incident.contained",
        "incident.planned",
        "incident.finished",
        "incident.ended",
        "incident.acknowledged",
        "incident.taken",
        "incident.noted",
        "incident.resolved",
    },
    ("reviewapp/core/approvals/services.py", "f'approval.{action}'"): {
        "approval.requested",
        "approval.approved",
        "approval.rejected",
        "approval.returned",
        "approval.withdrawn",
    },
}


def _recorded() -> dict[tuple[str, str], set[str]]:
    """Return the types of every call of `events.record`, by file and by the expression that names them."""
    found: dict[tuple[str, str], set[str]] = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not _is_record(node.func) or not node.args:
                    continue
                kind = node.args[0]
                constant = {kind.value} if isinstance(kind, ast.Constant) and isinstance(kind.value, str) else set()
                found[name, ast.unparse(kind)] = constant
    return found


def _is_record(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and ast.unparse(called) in {
        "events.record",
        "inline.change_values",
        "inline.late_values",
    }


RECORDED = _recorded()
TYPES = sorted(set().union(*RECORDED.values(), *COMPOSED.values()))


@pytest.fixture(scope="module", autouse=True)
def _everyone_is_listening() -> None:
    """Import whatever records or hears, as the worker that runs all of it does."""
    for name, _ in RECORDED:
        importlib.import_module(name.removesuffix(".py").replace("/", "."))


def test_scan__finds_calls_in_every_plane():
    assert {name.split("/")[0] for name, _ in RECORDED} == set(PACKAGES)


def test_composed_types__are_all_listed():
    assert {call for call, types in RECORDED.items() if not types} == set(COMPOSED)


@pytest.mark.parametrize("kind", TYPES)
def test_event_type__has_a_subscriber_or_is_external(kind):
    assert registry.is_known(kind)


def test_external_types__are_heard_by_nobody_inside():
    # What is external alone is not handed on at all: a subscriber elsewhere would wait for ever.
    assert not [kind for kind in registry._external if registry._handlers.get(kind)]


def test_subscriptions__are_to_types_that_somebody_records():
    heard = {kind for kind in registry._handlers if registry._handlers[kind] and not kind.startswith("test.")}

    assert heard | registry._external <= set(TYPES)
