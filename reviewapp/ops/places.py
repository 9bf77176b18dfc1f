"""Where an installation keeps its things, and the addresses its processes share.

Standard library only: `manage.py` reads this before Django is set up.
"""

import hashlib
import os
import pwd
import tempfile
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from reviewapp.ops.refusal import Refusal

CHECKOUT = Path(__file__).resolve().parents[2]

# sun_path holds 104 bytes on macOS and 108 on Linux; the longest name inside is "/.s.PGSQL.5432.lock".
SOCKET_PATH_MAX = 80


@dataclass(frozen=True)
class Account:
    """The unprivileged account that PostgreSQL and Valkey run as when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """The directories of one installation.

    `state` belongs to whoever runs the product; `data` and `run` to the account the databases run as.
    """

    state: Path
    data: Path
    run: Path
    account: Account | None

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.data / "pg"

    @property
    def valkey(self) -> Path:
        """Valkey's working directory."""
        return self.data / "valkey"

    @property
    def keys(self) -> Path:
        """Secrets made on the first run."""
        return self.state / "keys"

    @property
    def log(self) -> Path:
        """One log file per process."""
        return self.state / "log"

    @property
    def demo(self) -> Path:
        """The demo people and their passwords."""
        return self.state / "demo.json"

    @property
    def environment(self) -> Path:
        """What `manage.py` needs to reach the running stack."""
        return self.state / "stack.env"

    @property
    def children(self) -> Path:
        """Process ids of the last run, so that the next one can clear up after a kill -9."""
        return self.state / "children.json"

    @property
    def database_url(self) -> str:
        """The embedded PostgreSQL, reached through its socket directory."""
        return f"postgresql://countersign@/countersign?host={self.run}"

    @property
    def redis_url(self) -> str:
        """The embedded Valkey, reached through its socket."""
        return f"unix://{self.run}/valkey.sock?db=0"


def state_directory(environ: Mapping[str, str]) -> Path:
    """Return the state directory: COUNTERSIGN_STATE, else `var/` in the checkout."""
    return Path(environ.get("COUNTERSIGN_STATE") or CHECKOUT / "var").absolute()


def find(state: Path) -> Places:
    """Return the directories that belong to `state`.

    Raises:
        Refusal: we are root and there is no unprivileged account to run PostgreSQL as.
    """
    account = service_account()
    data = state
    if account and not others_can_enter(state.parent):
        # PostgreSQL refuses root, and nobody cannot reach a data directory below, say, /root.
        data = Path("/var/lib") / f"countersign-{_short(state)}"
    run = data / "run"
    if len(os.fsencode(run)) > SOCKET_PATH_MAX:
        run = Path(tempfile.gettempdir()) / f"countersign-{os.getuid()}-{_short(run)}"
    return Places(state=state, data=data, run=run, account=account)


def service_account() -> Account | None:
    """Return the account to run the databases as, or None when we are not root.

    Raises:
        Refusal: root without an account named countersign or nobody.
    """
    if os.geteuid() != 0:
        return None
    for name in ("countersign", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise Refusal(
        "PostgreSQL does not run as root and there is no account named nobody to run it as: "
        "start as a normal user, add one (useradd --system countersign), or set DATABASE_URL and REDIS_URL."
    )


def others_can_enter(path: Path) -> bool:
    """Tell whether any account may walk into `path` through all its parents."""
    resolved = path.resolve()
    return all(not part.exists() or part.stat().st_mode & 0o001 for part in (resolved, *resolved.parents))


def adopt(environ: MutableMapping[str, str]) -> None:
    """Fill `environ` with the addresses of this checkout's own stack, where nothing else is set.

    Lets `manage.py` in a second terminal reach what `make run` started in the first.
    """
    if environ.get("DATABASE_URL"):
        return
    places = find(state_directory(environ))
    environ.setdefault("COUNTERSIGN_STATE", str(places.state))
    for name, value in read_environment(places.environment).items():
        environ.setdefault(name, value)
    environ.setdefault("DATABASE_URL", places.database_url)
    environ.setdefault("REDIS_URL", places.redis_url)


def read_environment(path: Path) -> dict[str, str]:
    """Read NAME=VALUE lines; a missing or unreadable file counts as empty."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]
