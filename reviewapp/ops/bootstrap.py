"""Make `.venv` and install what the product (`run`) or its tests (`dev`) need; a second run finds it done.

A plain script for the machine's own Python: standard library only, and no syntax that an older Python cannot read,
so that the wrong one gets a sentence instead of a traceback. Run as `python3.11 -I reviewapp/ops/bootstrap.py run|dev`.
"""

import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
CONSTRAINTS = CHECKOUT / "constraints.txt"
WANTED = (3, 11)
FILES = {"run": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}

# Installed size plus the downloads, with room to spare.
DISK_FULL = "The disk is full: free some space and run the command again."
FREE_BYTES_MIN = {"run": 1200 * 1024 * 1024, "dev": 1800 * 1024 * 1024}


class Refusal(Exception):
    """Something outside must change first; the text is one sentence for a person."""


def main() -> int:
    """Install for the purpose named on the command line; return the exit code."""
    try:
        check_python()
        with (CHECKOUT / "Makefile").open() as lock:
            # Two commands at once would install over each other; the second waits and then finds it done.
            fcntl.flock(lock, fcntl.LOCK_EX)
            install(sys.argv[1])
    except Refusal as refusal:
        say(f"countersign: {refusal}", sys.stderr)
        return 1
    except OSError as error:
        full = error.errno == errno.ENOSPC
        say(f"countersign: {DISK_FULL if full else f'{error}: is {CHECKOUT} yours to write?'}", sys.stderr)
        return 1
    return 0


def check_python() -> None:
    """See that this is the Python the locked wheels are made for.

    Raises:
        Refusal: it is another one.
    """
    if sys.version_info[:2] != WANTED:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise Refusal(
            f"Countersign needs Python 3.11 and {sys.executable} is {found}: install it "
            "(Debian 12: apt install python3.11 python3.11-venv) or name one with PYTHON=/path/to/python3.11."
        )


def install(purpose: str) -> None:
    """Bring `.venv` up to the requirement files, unless the digest of the last installation is theirs.

    Raises:
        Refusal: too little disk, no way to make an environment, or both installers failed.
    """
    wanted = digest(purpose)
    stamp = VENV / f".installed-{purpose}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and usable():
        return
    began = time.monotonic()
    if not usable():
        check_disk(FREE_BYTES_MIN[purpose])
        say("making .venv")
        make_environment()
    say(f"installing {' and '.join(FILES[purpose])} (once)")
    arguments = [part for name in FILES[purpose] for part in ("-r", str(CHECKOUT / name))]
    if not with_uv(arguments) and not with_pip(arguments):
        raise Refusal("The packages could not be installed, see above: check the network and the disk, then try again.")
    stamp.write_text(wanted, encoding="utf-8")
    say(f"installed in {time.monotonic() - began:.0f} s")


def check_disk(needed: int) -> None:
    """See that `needed` bytes are free beside the checkout.

    Raises:
        Refusal: they are not.
    """
    free = shutil.disk_usage(str(CHECKOUT)).free
    if free < needed:
        raise Refusal(
            f"The disk is full: {free >> 20} MB are free at {CHECKOUT} and {needed >> 20} MB are needed to install; "
            "free some space."
        )


def usable() -> bool:
    """Tell whether `.venv` was made here, by this Python, with pip; a moved checkout leaves scripts that point elsewhere."""
    pip = VENV / "bin" / "pip"
    version = f"python{WANTED[0]}.{WANTED[1]}"
    return (
        PYTHON.exists()
        and (VENV / "lib" / version / "site-packages" / "pip").exists()
        and pip.exists()
        and str(VENV) in pip.read_text(encoding="utf-8", errors="replace")
    )


def make_environment() -> None:
    """Make `.venv` with pip in it.

    Raises:
        Refusal: this Python cannot.
    """
    if importlib.util.find_spec("ensurepip") is None:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Refusal(
                "This Python cannot make virtual environments: install python3.11-venv (Debian: apt install python3.11-venv)."
            )
        # Debian keeps venv in a package of its own.
        say("apt-get install python3.11-venv")
        environ = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for argv in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "python3.11-venv"]):
            # Its chatter about terminals helps nobody; the next step says what is wrong.
            subprocess.call(["apt-get", *argv], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise Refusal("The virtual environment could not be made, see above.")


def with_uv(arguments: "list[str]") -> bool:
    """Install with uv, five times as fast as pip; False when it does not work here."""
    if not UV.exists() and not run_pip(["-c", str(CONSTRAINTS), "uv"]):
        return False
    environ = dict(os.environ, UV_HTTP_TIMEOUT="120", UV_NO_PROGRESS="1", VIRTUAL_ENV=str(VENV))
    # Compiled once, here: where Python may not write bytecode, every process of the product would compile every library at
    # every start, and keep a tenth more memory for it.
    argv = [str(UV), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON), *arguments]
    return subprocess.call(argv, cwd=str(CHECKOUT), env=environ) == 0


def with_pip(arguments: "list[str]") -> bool:
    """Install with plain pip."""
    say("uv does not work here; trying pip")
    return run_pip(arguments)


def run_pip(arguments: "list[str]") -> bool:
    """Run `pip install` inside `.venv`; True when it worked."""
    return subprocess.call([str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments]) == 0


def digest(purpose: str) -> str:
    """Return a digest of everything that decides what is installed."""
    content = hashlib.sha256(repr((sys.version_info[:3], str(VENV))).encode())
    for name in [CONSTRAINTS.name, *FILES[purpose]]:
        content.update((CHECKOUT / name).read_bytes())
    return content.hexdigest()


def say(text: str, stream: "TextIO | None" = None) -> None:
    """Print one line at once."""
    print(text, file=stream or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
