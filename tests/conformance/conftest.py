"""The product for programs in other processes, the cases that run beside the frameworks, and who answers them."""

import ast
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import uvicorn
from django.core.asgi import get_asgi_application

from corrections.models import Task
from tests.conformance import environment
from tests.factories import feedback, serving
from tests.factories.feedback import Room

# They import what this environment does not have; the tests here run them in the other one.
collect_ignore = ["cases"]

CASES = environment.FOLDER / "cases"
SDK = environment.FOLDER.parents[1] / "agents" / "sdk"


@dataclass
class Product:
    """The real application at a real address, in this process."""

    url: str
    port: int


@pytest.fixture
def product(settings: Any, transactional_db: None) -> Iterator[Product]:
    """Serve both processes' addresses from one, as the live process does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        settings.ROOT_URLCONF = "tests.conformance.urls"
        settings.MIDDLEWARE = [
            "django.middleware.security.SecurityMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ]
        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        settings.WEB_ORIGIN = settings.LIVE_ORIGIN = url
        config = uvicorn.Config(get_asgi_application(), lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        yield Product(url, port)
        server.should_exit = True
        thread.join(10)


def reviewer_corrects(room: Room, **entry: Any) -> None:
    """Wait until a case is flagged, and have a reviewer correct it as a person would, by the same services."""
    reviewer = serving.person(f"reviewer-{time.time_ns()}", "reviewer", agent=room.world.agent)
    until = time.monotonic() + 30
    while not (feedback.hand_on() and Task.objects.filter(state="open").exists()):
        assert time.monotonic() < until, "nothing was flagged"
        time.sleep(0.05)
    task = Task.objects.select_related("decision").get()
    feedback.submit(task, reviewer, **entry)
    feedback.hand_on()


def room(**terms: Any) -> Room:
    """Make an agent without a model, whose every case people see, under a contract with these terms."""
    failure = {event: {"do": "review"} for event in ("on_error", "on_timeout", "on_unavailable")}
    everything = [{"id": "C-1", "when": "true", "action": "review", "text": "People see every case."}]
    policy = {"exceptions": [], "model": {"kind": "none"}, **terms.pop("policy")}
    return feedback.room(policy=policy, failure=failure, review_rules=everything, escalation_rules=[], **terms)


def named(framework: str) -> list[str]:
    """Return the cases of a framework by reading its file: it cannot be imported here."""
    tree = ast.parse((CASES / f"{framework}_cases.py").read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_")]


def alone(framework: str) -> list[str]:
    """Return the cases that need nothing but the framework and the SDK's own fake server."""
    return [name for name in named(framework) if not name.startswith("test_product__")]


def command(folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Return how to run cases beside the frameworks: command and environment."""
    packages = folder / "packages"
    packages.mkdir(exist_ok=True)
    if not (packages / "countersign").exists():
        # What installing does with this folder, without a network: see [tool.setuptools] in its pyproject.toml.
        (packages / "countersign").symlink_to(SDK)
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST", "COV_"))},
        "PYTHONPATH": f"{packages}{os.pathsep}{CASES}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "COUNTERSIGN_DOCS": str(SDK.parents[1] / "docs"),
        # No framework calls home.
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "LANGSMITH_TRACING": "false",
    }
    return [environment.python(), "-m", "pytest", "-c", str(CASES / "pytest.ini"), *arguments], environ


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run a framework's own cases once; return what went wrong by case, "" when nothing did."""
    framework: str = request.module.FRAMEWORK
    folder = tmp_path_factory.mktemp(framework)
    told = folder / "told.xml"
    line, environ = command(folder, f"--junit-xml={told}", "-k", "not product__", f"{framework}_cases.py")
    done = subprocess.run(line, cwd=CASES, env=environ, capture_output=True, text=True, check=False)
    assert told.exists(), done.stdout + done.stderr
    found: dict[str, str] = {}
    for case in ElementTree.parse(told).iter("testcase"):  # noqa: S314  # our own run wrote it
        name = case.attrib["name"].partition("[")[0]
        faults = [str(part.text) for part in case if part.tag in {"failure", "error", "skipped"}]
        found[name] = found.get(name, "") + "\n".join(faults)
    return found


@pytest.fixture
def against(product: Product, tmp_path: Path) -> Callable[..., str]:
    """Run one case against the product while somebody here answers; return what went wrong, or ""."""

    def run(framework: str, case: str, room: Room, answer: Callable[[], None]) -> str:
        place = {
            "url": product.url,
            "key": room.world.key,
            "agent": room.world.agent.slug,
            "folder": str(tmp_path),
        }
        line, environ = command(tmp_path, f"{framework}_cases.py::{case}")
        environ["COUNTERSIGN_PLACE"] = json.dumps(place)
        with subprocess.Popen(
            line, cwd=CASES, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                answer()
                told, _ = process.communicate(timeout=60)
            finally:
                process.kill()
        return told if process.returncode else ""

    return run
