"""The SDK stands alone: httpx and nothing else, under the name other people import."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import agents.sdk

FOLDER = Path(agents.sdk.__file__).parent
TRY = """
import sys
import countersign, countersign.adapters, countersign.testing, countersign.webhooks
server = countersign.testing.FakeServer(answers=[countersign.testing.auto({"action": "approve"})])
with server.client() as client:
    assert client.decide({"a": 1})["output"] == {"action": "approve"}
roots = {name.split(".")[0] for name in sys.modules}
strangers = roots & {"django", "agents", "reviewapp", "langgraph", "agents_sdk", "mcp", "psycopg", "redis"}
sys.exit(f"imported {strangers}" if strangers else 0)
"""


def test_package__under_its_own_name__works_without_the_project(tmp_path: Path) -> None:
    # What installing does with this folder, without a network: see [tool.setuptools] in its pyproject.toml.
    (tmp_path / "countersign").symlink_to(FOLDER)
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", TRY], cwd="/", env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_package__description__names_every_folder_and_one_dependency() -> None:
    described = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))
    assert [line.split(">")[0] for line in described["project"]["dependencies"]] == ["httpx"]
    folders = {path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.py") if "build" not in path.parts}
    listed = {
        name.removeprefix("countersign").strip(".").replace(".", "/") or "."
        for name in described["tool"]["setuptools"]["packages"]
    }
    assert listed == folders


def test_modules__written_to_be_moved__import_each_other_by_relative_names_only() -> None:
    for path in FOLDER.rglob("*.py"):
        assert "from agents" not in path.read_text(encoding="utf-8"), path
