"""The steps that bring an installation up to this code; each says whether there was something to do."""

import io
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from agents.models import ChannelStatement, Slot
from agents.services import rekeying
from reviewapp.core.accounts import actors
from reviewapp.core.telemetry import health
from reviewapp.ops import prepared

# Redoc is the schema viewer we do not serve.
STATIC_IGNORED = ["redoc*"]


def migrate() -> bool:
    """Bring the database's tables up to date."""
    if health.migrations().ok:
        return False
    call_command("migrate", verbosity=0, interactive=False)
    return True


def collect_static() -> bool:
    """Collect static files when the product's own or an installed package's have changed."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / prepared.STATIC_STAMP
    wanted = prepared.static_digest([Path(directory) for directory in settings.STATICFILES_DIRS])
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return False
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=root.exists(), ignore_patterns=STATIC_IGNORED)
    stamp.write_text(wanted, encoding="utf-8")
    return True


def sign() -> bool:
    """Sign what was sealed before this product signed anything; later nothing is signed without somebody asking."""
    if ChannelStatement.objects.exists() or not Slot.objects.exists():
        return False
    return rekeying.adopt(by=actors.SYSTEM) > 0


def seed() -> bool:
    """Seed the demo; the command does nothing, silently, where there are people already."""
    said = io.StringIO()
    call_command("seed_demo", stdout=said)
    return bool(said.getvalue())


STEPS: dict[str, Callable[[], bool]] = {
    "database migrated": migrate,
    "slots signed": sign,
    "static files collected": collect_static,
    "demo seeded": seed,
}
