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
    "SIGNING_KEY": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
    "TRUSTED_KEYS": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "WEB_ORIGIN": "https://countersign.example",
    "LIVE_ORIGIN": "https://countersign.example",
    "ALLOWED_HOSTS": "countersign.example",
}


SHOWN = "settings.ALLOW_DEMO, settings.DEBUG, settings.SESSION_COOKIE_SECURE"


def load(*, printed: str = SHOWN, **changes: str | None) -> subprocess.CompletedProcess[str]:
    wanted = {**GOOD, **changes}
    env = {"PATH": os.environ["PATH"], **{name: value for name, value in wanted.items() if value is not None}}
    code = f"from django.conf import settings; print({printed})"
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
        ({"SIGNING_KEY": None}, "SIGNING_KEY is not set"),
        ({"SIGNING_KEY": "c2hvcnQ="}, "SIGNING_KEY is no Ed25519 key"),
        ({"TRUSTED_KEYS": None}, "TRUSTED_KEYS does not hold 11qYAYKx"),
        ({"SIGNING_KEY": None, "TRUSTED_KEYS": None, "COUNTERSIGN_ROLE": "live"}, "TRUSTED_KEYS is not set"),
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


@pytest.mark.parametrize(
    "serving",
    [
        {"COUNTERSIGN_ROLE": "live"},
        {"COUNTERSIGN_ROLE": "beat"},
        {"DJANGO_SETTINGS_MODULE": "reviewapp.settings.decide"},
    ],
)
def test_production__process_that_only_serves__needs_and_holds_no_private_key(serving):
    parent = {"COUNTERSIGN_SETTINGS": "reviewapp.settings.production"}
    for given in (GOOD["SIGNING_KEY"], None):
        done = load(**parent, **serving, SIGNING_KEY=given, printed="settings.SIGNING_KEY or 'none'")
        assert done.stdout.split() == ["none"], done.stderr
