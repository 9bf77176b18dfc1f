"""`make reset`: ask, then remove every trace of the installation. Run as `python -m reviewapp.ops.reset`."""

import os
import shutil
import sys
from pathlib import Path

from reviewapp.ops import leftovers, places, preflight
from reviewapp.ops.places import CHECKOUT, Places
from reviewapp.ops.refusal import Refusal


def main() -> int:
    """Remove the state of this checkout's stack when the person agrees; 1 when refused."""
    try:
        where = places.find(places.state_directory(os.environ))
        reset(where, agreed=os.environ.get("YES") == "1")
    except Refusal as refusal:
        print(f"countersign: {refusal}", file=sys.stderr)
        return 1
    return 0


def reset(where: Places, *, agreed: bool) -> None:
    """Remove the databases, keys, demo people and logs of `where`.

    Raises:
        Refusal: nobody agreed, the stack runs, or the directory does not look like ours.
    """
    outermost: list[Path] = []
    for directory in (where.state, where.data, where.run):
        if directory.exists() and not any(directory.is_relative_to(outer) for outer in outermost):
            outermost.append(directory)
    if not outermost:
        print(f"Nothing to clear: {where.state} does not exist.")
        return
    if not _looks_like_ours(where):
        raise Refusal(f"{where.state} does not look like a state directory of Countersign: remove it by hand if it is.")
    with preflight.sole_run(where):
        listed = ", ".join(str(directory) for directory in outermost)
        if not agreed and not _asked(
            f"This deletes the database, keys, demo people and logs in {listed}. Type yes to go on: "
        ):
            raise Refusal("Nothing was deleted: type yes when asked, or run make reset YES=1.")
        leftovers.sweep(where)
        for directory in outermost:
            shutil.rmtree(directory)
    print(f"Cleared {listed}.")


def _looks_like_ours(where: Places) -> bool:
    """Guard against COUNTERSIGN_STATE=/home/me: only what a start leaves behind, never the checkout itself."""
    if where.state in (CHECKOUT, *CHECKOUT.parents):
        return False
    return not any(where.state.iterdir()) or any(
        (where.state / name).exists() for name in ("lock", "stack.env", "keys")
    )


def _asked(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(question).strip().lower() in {"yes", "y"}


if __name__ == "__main__":
    raise SystemExit(main())
