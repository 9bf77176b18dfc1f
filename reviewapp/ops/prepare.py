"""Migrations, static files and the demo, in one process, before anything serves. Prints one line per step.

Run as `python -m reviewapp.ops.prepare [--no-demo]`; a second run finds nothing to do and says so.
"""

import hashlib
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

# Redoc is the schema viewer we do not serve.
STATIC_IGNORED = ["redoc*"]


def main() -> None:
    """Prepare the database and files that the environment names."""
    django.setup()
    for title, step in (
        ("database migrated", migrate),
        ("static files collected", collect_static),
        ("demo seeded", seed),
    ):
        if step is seed and "--no-demo" in sys.argv:
            continue
        began = time.monotonic()
        if step():
            print(f"{title} in {time.monotonic() - began:.1f} s", flush=True)


def migrate() -> bool:
    """Bring the database's tables up to date."""
    call_command("migrate", verbosity=0, interactive=False)
    return True


def collect_static() -> bool:
    """Collect static files when the product's own or an installed package's have changed; False when not."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    wanted = static_digest([Path(root) for root in settings.STATICFILES_DIRS], settings.BASE_DIR / "constraints.txt")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return False
    stamp.unlink(missing_ok=True)
    call_command(
        "collectstatic", verbosity=0, interactive=False, clear=stamp.parent.exists(), ignore_patterns=STATIC_IGNORED
    )
    stamp.write_text(wanted, encoding="utf-8")
    return True


def static_digest(roots: list[Path], versions: Path) -> str:
    """Return a digest over the names, sizes and times of our static files and the versions of the packages' ones."""
    digest = hashlib.sha256(versions.read_bytes())
    for root in roots:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            entry = path.stat()
            digest.update(f"{path.relative_to(root)} {entry.st_size} {entry.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def seed() -> bool:
    """Seed the demo; the command itself does nothing when it was done before."""
    call_command("seed_demo")
    return True


if __name__ == "__main__":
    main()
