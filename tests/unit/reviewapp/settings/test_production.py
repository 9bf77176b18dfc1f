"""Production refuses to start half configured. Each case is a fresh interpreter, as in life."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "reviewapp.settings.production",
    "DATABASE_URL": "postgresql://cs@db.example/cs",
    "REDIS_URL": "redis://redis.example:6379/0",
    "SECRET_KEY": "q8Zr1Vx7Lm3Kp9Ws5Tn2Yb6Hd4Gf0Jc8Qa1Ze7Xu3Io9Rk5Mv2Nt6Bw",
    "KEY_PEPPER": "a9S8d7F6g5H4j3K2l1Q0w9E8r7T6y5U4",
    "WEB_ORIGIN": "https://countersign.example",
    "LIVE_ORIGIN": "https://countersign.example",
    "ALLOWED_HOSTS": "countersign.example",
}


def load(**changes: str | None) -> subprocess.CompletedProcess[str]:
    wanted = {**GOOD, **changes}
    env = {"PATH": os.environ["PATH"], **{name: value for name, value in wanted.items() if value is not None}}
    code = (
        "from django.conf import settings; print(settings.ALLOW_DEMO, settings.DEBUG, settings.SESSION_COOKIE_SECURE)"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_production__complete__starts_without_demo_or_debug():
    done = load()
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "False", "True"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is too short or too regular"),
        ({"KEY_PEPPER": None}, "KEY_PEPPER is not set"),
        ({"KEY_PEPPER": "x"}, "KEY_PEPPER is too short"),
        ({"DEBUG": "1"}, "DEBUG is set"),
        ({"ALLOW_DEMO": "1"}, "ALLOW_DEMO is set"),
        ({"WEB_ORIGIN": "http://countersign.example"}, "WEB_ORIGIN is not https"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is not set"),
        ({"DATABASE_URL": None}, "DATABASE_URL is not set"),
    ],
)
def test_production__something_missing_or_weak__refuses_with_one_sentence(changes, sentence):
    done = load(**changes)
    assert done.returncode != 0
    assert sentence in done.stderr
