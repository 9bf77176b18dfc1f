"""What the doctor says about PostgreSQL and Redis."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from reviewapp.core import clock
from reviewapp.core.telemetry import health
from reviewapp.ops.checks import stores
from reviewapp.ops.checks.finding import Finding


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    """Index findings by their subject."""
    return {finding.subject: finding for finding in findings}


@pytest.mark.django_db
def test_database__as_migrated__is_well() -> None:
    found = by_subject(stores.database())
    assert {"PostgreSQL", "migrations", "clock", "outbox", "parked"} <= found.keys()
    assert all(finding.ok for finding in found.values()), found


@pytest.mark.django_db
def test_database__migrations_missing__stops_there_and_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = health.Check("migrations", ok=False, detail="1 not applied", ms=0)
    monkeypatch.setattr(health, "migrations", lambda: missing)
    last = stores.database()[-1]
    assert (last.subject, last.ok) == ("migrations", False)
    assert "migrate" in last.mend


@pytest.mark.django_db
def test_database__clock_an_hour_off__is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(hours=1))
    assert not by_subject(stores.database())["clock"].ok


def test_broker__nobody_works__names_the_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "INSPECT_SECONDS", 0.1)
    found = by_subject(stores.broker())
    assert found["Valkey"].ok
    assert not found["learning"].ok
    assert "--queues learning" in found["learning"].mend


def test_broker__redis_gone__is_one_fault() -> None:
    with override_settings(REDIS_URL="unix:///nonexistent/valkey.sock?db=0"):
        (finding,) = stores.broker()
    assert not finding.ok
    assert "REDIS_URL" in finding.mend


def test_versions__package_differs_from_the_lock__is_named(tmp_path: Path) -> None:
    lock = tmp_path / "constraints.txt"
    lock.write_text("# comment\ndjango==1.0\nnot-installed-anywhere==1\n", encoding="utf-8")
    (finding,) = stores.versions(lock)
    assert not finding.ok
    assert "locked is 1.0" in finding.detail
