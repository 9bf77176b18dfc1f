"""The environment with the real frameworks, apart from the product's: frameworks.txt says why.

Run as `python -m tests.conformance.environment` to make it ahead of the tests.
"""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
LOCK = FOLDER / "frameworks.txt"
ENVIRONMENT = Path(sys.prefix) / "frameworks"
PYTHON = ENVIRONMENT / "bin" / "python"


def python() -> str:
    """Return the environment's Python, after making the environment when it is missing or its lock has changed."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / ".installed"
    with LOCK.open() as lock:
        # Two runs at once would install over each other; the second waits and then finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            uv = str(Path(sys.prefix) / "bin" / "uv")
            _do([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)])
            # Compiled once: the cases start many processes.
            options = ["--quiet", "--no-deps", "--compile-bytecode", "--python", str(PYTHON)]
            _do([uv, "pip", "install", *options, "-r", str(LOCK)])
            stamp.write_text(wanted, encoding="utf-8")
    return str(PYTHON)


def _do(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The frameworks could not be installed: {' '.join(command)}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    print(python())
