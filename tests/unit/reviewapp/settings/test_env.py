"""The typed readers of the environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from reviewapp.settings import env


@pytest.mark.parametrize(
    ("raw", "expected"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("off", False)]
)
def test_flag__known_word__is_read(monkeypatch, raw, expected):
    monkeypatch.setenv("CS_FLAG", raw)
    assert env.flag("CS_FLAG", default=not expected) is expected


def test_flag__unknown_word__is_refused_by_name(monkeypatch):
    monkeypatch.setenv("CS_FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="CS_FLAG is 'maybe'"):
        env.flag("CS_FLAG", default=False)


@pytest.mark.parametrize("raw", ["abc", "0", "70000"])
def test_number__not_in_range__is_refused(monkeypatch, raw):
    monkeypatch.setenv("CS_PORT", raw)
    with pytest.raises(ImproperlyConfigured, match="CS_PORT"):
        env.number("CS_PORT", 8000, low=1, high=65535)


def test_number__not_set__is_the_default(monkeypatch):
    monkeypatch.delenv("CS_PORT", raising=False)
    assert env.number("CS_PORT", 8000, low=1, high=65535) == 8000


def test_text__not_set_and_no_default__is_refused(monkeypatch):
    monkeypatch.delenv("CS_TEXT", raising=False)
    with pytest.raises(ImproperlyConfigured, match="CS_TEXT is not set"):
        env.text("CS_TEXT")


def test_secret__file__wins_over_fallback_and_is_stripped(monkeypatch, tmp_path):
    named, fallback = tmp_path / "named", tmp_path / "fallback"
    named.write_text("one\n")
    fallback.write_text("two\n")
    monkeypatch.delenv("CS_SECRET", raising=False)
    monkeypatch.setenv("CS_SECRET_FILE", str(named))
    assert env.secret("CS_SECRET", fallback) == "one"
    monkeypatch.delenv("CS_SECRET_FILE")
    assert env.secret("CS_SECRET", fallback) == "two"


def test_secret__nowhere__is_refused(monkeypatch, tmp_path):
    monkeypatch.delenv("CS_SECRET", raising=False)
    with pytest.raises(ImproperlyConfigured, match="CS_SECRET is not set"):
        env.secret("CS_SECRET", tmp_path / "absent")


def test_database__socket_directory__becomes_the_host():
    made = env.database("postgresql://cs@/review?host=/run/pg&sslmode=require", max_age=60)
    assert (made["NAME"], made["USER"], made["HOST"], made["CONN_MAX_AGE"]) == ("review", "cs", "/run/pg", 60)
    assert made["OPTIONS"] == {
        "sslmode": "require",
        "connect_timeout": "3",
        "tcp_user_timeout": "5000",
        "options": "-c plan_cache_mode=force_generic_plan",
    }


def test_database__connect_timeout_in_the_url__stands():
    made = env.database("postgresql://cs@/review?host=/run/pg&connect_timeout=9", max_age=60)
    assert made["OPTIONS"]["connect_timeout"] == "9"


def test_database__network_url__is_taken_apart():
    made = env.database("postgres://cs:p%40ss@db.example:5433/review", max_age=0, pool=True)
    assert (made["HOST"], made["PORT"], made["PASSWORD"]) == ("db.example", "5433", "p@ss")
    assert "pool" in made["OPTIONS"]


def test_database__other_engine__is_refused():
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        env.database("sqlite:///x", max_age=0)


def test_celery_broker__unix_socket__is_spelled_for_kombu():
    assert env.celery_broker("unix:///run/v.sock?db=0") == "redis+socket:///run/v.sock?virtual_host=0"
    assert env.celery_broker("redis://h:6379/0") == "redis://h:6379/0"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", {"SENDS_EMAIL": False}),
        ("file:///var/mail%20out", {"EMAIL_FILE_PATH": "/var/mail out", "SENDS_EMAIL": True}),
        (
            "smtp+starttls://me%40x:p%2Fw@mail.example",
            {"EMAIL_HOST": "mail.example", "EMAIL_PORT": 587, "EMAIL_HOST_USER": "me@x", "EMAIL_HOST_PASSWORD": "p/w"},
        ),
        ("smtps://mail.example:4650", {"EMAIL_PORT": 4650, "EMAIL_USE_SSL": True, "EMAIL_USE_TLS": False}),
    ],
)
def test_email__address_of_a_server__becomes_settings(url, expected):
    assert expected.items() <= env.email(url).items()


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_email__address_that_is_none__is_refused_with_the_mend(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        env.email(url)
