"""Pure evaluation: replay a policy over cases, measure it with intervals, judge it by gates."""
