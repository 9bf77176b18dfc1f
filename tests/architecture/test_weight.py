"""What a process holds in memory before it has done anything: nothing that only another one needs."""

import os
import subprocess
import sys

import pytest

WORKER = "import django; django.setup(); from reviewapp.celery import app; app.loader.import_default_modules(); app.finalize()"
WEB = "from reviewapp.wsgi import application; from django.urls import get_resolver; get_resolver().url_patterns"
DECIDE = "import reviewapp.wsgi_decide"
BEAT = "from reviewapp.celery import app; app.loader.import_default_modules(); app.finalize()"


def held(code: str, **environ: str) -> set[str]:
    """Return the packages that a fresh process has loaded after running `code`."""
    told = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{code}; {told}"],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("code", [WORKER, WEB], ids=["worker", "web"])
def test_process__before_it_learns_or_sends__holds_no_numbers_library_and_no_client(code: str) -> None:
    assert not held(code) & {"numpy", "scipy", "sklearn", "httpx"}


def test_decide__serves__holds_no_pages_and_no_queue() -> None:
    settings = {
        "DJANGO_SETTINGS_MODULE": "reviewapp.settings.decide",
        "COUNTERSIGN_SETTINGS": "reviewapp.settings.test",
    }
    assert not held(DECIDE, **settings) & {
        "numpy",
        "sklearn",
        "celery",
        "allauth",
        "rest_framework",
        "httpx",
        "corrections",
        "policies",
    }


def test_beat__tells_what_is_due__holds_no_app_of_ours() -> None:
    found = held(BEAT, COUNTERSIGN_ROLE="beat")
    assert not found & {"agents", "corrections", "policies", "numpy", "psycopg", "rest_framework"}
    assert "celery" in found
