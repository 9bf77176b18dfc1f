"""Migrations, static files and the demo, in one process, before anything serves. Prints one line per step.

Run as `python -m reviewapp.ops.prepare [--no-demo]`; a second run finds nothing to do and says so.
"""

import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from reviewapp.ops import prepared

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
    wanted = prepared.static_digest([Path(root) for root in settings.STATICFILES_DIRS])
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return False
    stamp.unlink(missing_ok=True)
    call_command(
        "collectstatic", verbosity=0, interactive=False, clear=stamp.parent.exists(), ignore_patterns=STATIC_IGNORED
    )
    stamp.write_text(wanted, encoding="utf-8")
    return True


def seed() -> bool:
    """Seed the demo; the command itself does nothing when it was done before."""
    call_command("seed_demo")
    return True


if __name__ == "__main__":
    main()
