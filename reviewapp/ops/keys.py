"""Secrets of a first run: made once, readable by their owner only."""

import os
import secrets
from pathlib import Path

# File name under var/keys -> random bytes. The names are those the development settings read.
# The signing key is an Ed25519 seed: 32 bytes by definition (RFC 8032), and the text written is their base64.
SECRETS = {"secret_key": 64, "key_pepper": 48, "signing_key": 32}


def ensure(directory: Path) -> list[Path]:
    """Make every secret that is missing in `directory` and return those made.

    Existing ones are never touched: the pepper is part of every stored API key's digest.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    made = []
    for name, size in SECRETS.items():
        path = directory / name
        if path.exists() and path.stat().st_size:
            continue
        write_private(path, secrets.token_urlsafe(size) + "\n")
        made.append(path)
    return made


def write_private(path: Path, text: str) -> None:
    """Replace `path` with `text` in one step, mode 0600 from its first byte on."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
