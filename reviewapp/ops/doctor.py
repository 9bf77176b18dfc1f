"""The whole examination, and how it is told."""

import json
import os
from dataclasses import asdict

from django.conf import settings

from reviewapp.ops import keys, places
from reviewapp.ops.checks import features, machine, signatures, stores
from reviewapp.ops.checks.finding import Finding
from reviewapp.ops.prepared import CONSTRAINTS


def examine() -> list[Finding]:
    """Look at everything and return what was found; looking changes nothing."""
    where = places.find(settings.STATE_DIR)
    # Only a laptop's settings take their secrets from the state directory and their processes from the supervisor.
    laptop = os.environ.get("DJANGO_SETTINGS_MODULE") != "reviewapp.settings.production"
    origins = {"web": settings.WEB_ORIGIN, "live": settings.LIVE_ORIGIN}
    own = "SECRET_KEY" in os.environ or "SECRET_KEY_FILE" in os.environ
    return [
        *(machine.running(where, origins) if laptop else []),
        *stores.versions(CONSTRAINTS),
        *stores.database(),
        *signatures.slots(),
        *stores.broker(),
        *features.store(),
        *machine.disks(where),
        *machine.secrets(where, required=() if own or not laptop else tuple(keys.SECRETS)),
    ]


def as_json(findings: list[Finding]) -> str:
    """Return the findings as one JSON object: {"ok": bool, "findings": […]}."""
    return json.dumps({"ok": healthy(findings), "findings": [asdict(finding) for finding in findings]}, indent=2)


def as_text(findings: list[Finding]) -> str:
    """Return the findings as lines for a person, faults with what to do, and a count at the end."""
    lines = []
    width = max(len(f"{finding.area}: {finding.subject}") for finding in findings)
    for finding in findings:
        label = f"{finding.area}: {finding.subject}".ljust(width)
        lines.append(f"{'ok   ' if finding.ok else 'FAULT'}  {label}  {finding.detail}")
        if not finding.ok:
            lines.append(f"{'':5}  {'':{width}}  -> {finding.mend}")
    faults = sum(not finding.ok for finding in findings)
    lines.append("Everything is well." if not faults else f"{faults} {'fault' if faults == 1 else 'faults'}.")
    return "\n".join(lines)


def healthy(findings: list[Finding]) -> bool:
    """Tell whether nothing needs mending."""
    return all(finding.ok for finding in findings)
