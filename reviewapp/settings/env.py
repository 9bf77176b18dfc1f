"""Typed readers of the environment that refuse bad values with one clear sentence."""

import base64
import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable `name`; without a default it is required."""
    value = os.environ.get(name, default)
    if value is None or (value == "" and default is None):
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment of every process.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable; anything but 1, 0, true, false, yes, no is refused."""
    raw = os.environ.get(name, "")
    if raw == "":
        return default
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}. Use 1 or 0.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    """Return a whole number between `low` and `high`."""
    raw = os.environ.get(name, "")
    if raw == "":
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}. Use a whole number.") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} is {value}. Use a number from {low} to {high}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without empty entries."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def secret(name: str, fallback_file: Path | None = None) -> str:
    """Return a secret from `NAME`, from the file named by `NAME_FILE`, or from `fallback_file`.

    Secrets travel in files rather than in arguments, where every user of the machine could read them.
    """
    if value := os.environ.get(name):
        return value
    path = Path(os.environ[f"{name}_FILE"]) if f"{name}_FILE" in os.environ else fallback_file
    if path is not None and path.is_file():
        value = path.read_text(encoding="utf-8").strip()
        if value:
            return value
    raise ImproperlyConfigured(
        f"{name} is not set. Set {name} or {name}_FILE, or start with `make run`, which makes one."
    )


def signing(role: str, fallback_file: Path | None = None) -> tuple[str, list[str]]:
    """Return the private key that signs policies and slots, and the public keys whose signatures count.

    SIGNING_KEY (or SIGNING_KEY_FILE) is 32 random bytes in base64, TRUSTED_KEYS a comma-separated list of public keys.
    Processes that only serve, or only tell others what is due, get no private key. With a `fallback_file` (a laptop) the key's own public half is trusted
    when TRUSTED_KEYS is not set.
    """
    trusted = words("TRUSTED_KEYS")
    serves_only = role in {"decide", "live", "beat"}
    if serves_only and trusted:
        return "", trusted
    if serves_only and fallback_file is None:
        raise ImproperlyConfigured("TRUSTED_KEYS is not set. Name the public keys whose policies may be served.")
    key = secret("SIGNING_KEY", fallback_file)
    try:
        seed = base64.urlsafe_b64decode(key.replace("+", "-").replace("/", "_") + "=" * (-len(key) % 4))
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    except ValueError:
        raise ImproperlyConfigured("SIGNING_KEY is no Ed25519 key. Use 32 random bytes in base64.") from None
    own = base64.b64encode(public).decode()
    if fallback_file is not None and not trusted:
        trusted = [own]
    if own not in trusted:
        raise ImproperlyConfigured(
            f"TRUSTED_KEYS does not hold {own}, the public half of SIGNING_KEY: nothing newly signed would be served."
        )
    return ("" if serves_only else key), trusted


def database(url: str, *, max_age: int, pool: bool = False) -> dict[str, object]:
    """Turn a PostgreSQL URL into Django's settings; `host` in the query names a socket directory.

    `max_age` is the number of seconds a connection is kept: opening one per request costs 7 to 12 times the request.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL starts with {parts.scheme!r}. Countersign needs postgresql://.")
    query: dict[str, object] = dict(parse_qsl(parts.query))
    host = str(query.pop("host", "") or parts.hostname or "")
    # Who waits for a database that is away should hear so soon; a server that vanished is noticed as soon.
    query.setdefault("connect_timeout", "3")
    query.setdefault("tcp_user_timeout", "5000")
    # Statements that are prepared are written for one plan. Left alone PostgreSQL makes five for each connection first, which
    # costs ten times what carrying them out does; what Django puts together itself is never prepared.
    query.setdefault("options", "-c plan_cache_mode=force_generic_plan")
    if pool:
        query["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def email(url: str) -> dict[str, object]:
    """Turn the address of a mail server into Django's settings, by name; an empty one means that no e-mail is sent.

    `smtp://user:password@host:25`, `smtp+starttls://…:587`, `smtps://…:465`, or `file:///directory`, where each message
    becomes a file.
    """
    parts = urlsplit(url)
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend", "SENDS_EMAIL": False}
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
            "SENDS_EMAIL": True,
        }
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL is not understood. Use smtp+starttls://user:password@host:587, smtps://… or smtp://…"
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+starttls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        # A mail server that hangs must not hold a worker.
        "EMAIL_TIMEOUT": 10,
        "SENDS_EMAIL": True,
    }


def celery_broker(redis_url: str) -> str:
    """Return the broker URL kombu understands for a Redis URL; sockets are spelled differently there."""
    if redis_url.startswith("unix://"):
        return redis_url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    return redis_url
