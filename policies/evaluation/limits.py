"""The limits that gates hold, with what each means. They are fixed per agent before an evaluation runs."""

from collections.abc import Mapping
from typing import Any

DEFAULTS: dict[str, Any] = {
    "min_n": 50,
    "error_margin": 0.05,
    "max_error": 0.5,
    "max_broken": 0.15,
    "max_automated_error": 0.35,
    "automated_margin": 0.25,
    "max_confidence_gap": 0.12,
    "segments": [],
    "segment_margin": 0.15,
    "segment_min_n": 30,
}
_WORDS = {
    "min_n": "cases below which nothing is concluded",
    "error_margin": "points of error by which a version may at most be worse",
    "max_error": "highest error of a first version",
    "max_broken": "highest share of right answers that may become wrong",
    "max_automated_error": "highest error where no person looks",
    "automated_margin": "points by which the share decided alone may at most fall",
    "max_confidence_gap": "highest overstatement of confidence",
    "segments": "input fields whose groups are judged one by one",
    "segment_margin": "points of error by which a group may at most be worse",
    "segment_min_n": "cases below which a group is not judged",
}


def complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the complete gate settings. Raises `ValueError` for an unknown name or a value out of range."""
    for key, value in given.items():
        if key not in DEFAULTS:
            raise ValueError(f"unknown gate setting {key!r}; known are {', '.join(DEFAULTS)}")
        if key == "segments":
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise ValueError("segments is a list of input field names")
        elif isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"{key} ({_WORDS[key]}) is a number of at least 0")
        elif not key.endswith("min_n") and value > 1:
            raise ValueError(f"{key} ({_WORDS[key]}) is a share between 0 and 1")
    return {**DEFAULTS, **given}
