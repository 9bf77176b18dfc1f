"""Messages to addresses that people chose: checked, so that nothing inside can be reached through us."""

from reviewapp.core.outgoing.address import Outcome, Refused, check, post

__all__ = ["Outcome", "Refused", "check", "post"]
