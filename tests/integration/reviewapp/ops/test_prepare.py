"""`manage.py prepare`."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from reviewapp.ops import prepare


def test_collect_static__second_time__finds_nothing_to_do(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "app.css").write_text("a{}", encoding="utf-8")
    finders = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    with override_settings(STATIC_ROOT=tmp_path / "root", STATICFILES_DIRS=[source], STATICFILES_FINDERS=finders):
        assert prepare.collect_static()
        assert (tmp_path / "root" / "app.css").exists()
        assert not prepare.collect_static()
        (source / "app.css").write_text("a{color:red}", encoding="utf-8")
        assert prepare.collect_static()
        assert (tmp_path / "root" / "app.css").read_text(encoding="utf-8") == "a{color:red}"


@pytest.mark.django_db
def test_migrate__tables_are_there__does_nothing() -> None:
    assert not prepare.migrate()


def test_command__no_demo__leaves_it_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    done = []

    def migrate() -> bool:
        done.append("migrate")
        return True

    def seed() -> bool:
        done.append("seed")
        return True

    monkeypatch.setattr(prepare, "seed", seed)
    monkeypatch.setattr(prepare, "STEPS", {"database migrated": migrate, "demo seeded": seed})
    call_command("prepare", no_demo=True)
    assert done == ["migrate"]
    assert capsys.readouterr().out.startswith("database migrated in ")
    call_command("prepare")
    assert done == ["migrate", "migrate", "seed"]
