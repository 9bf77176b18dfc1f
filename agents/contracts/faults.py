"""What is wrong with a document, field by field."""

from collections.abc import Iterable

Fault = tuple[str, str]


class SpecError(ValueError):
    """A contract is not acceptable; `faults` maps each dotted path to what is wrong there and how to mend it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the first fault of every path."""
        self.faults: dict[str, str] = {}
        for path, message in faults:
            self.faults.setdefault(path, message)
        super().__init__("; ".join(f"{path or 'contract'}: {message}" for path, message in self.faults.items()))
