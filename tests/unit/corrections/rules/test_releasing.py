"""What the next reviewer is told of a case that was put back."""

from corrections.rules import releasing

UNSURE = {"code": "low_confidence", "text": "Unsure."}


def test_noted__known_reason__is_told_last_and_once():
    first = releasing.noted([UNSURE], "Not my subject")
    assert first == [UNSURE, {"code": "put_back", "text": "Not my subject"}]
    assert releasing.noted(first, "Opened by mistake") == [UNSURE, {"code": "put_back", "text": "Opened by mistake"}]


def test_noted__words_of_their_own__are_not_told_and_end_the_older_note():
    assert releasing.noted([UNSURE], "I would have declined it") == [UNSURE]
    assert releasing.noted(releasing.noted([UNSURE], "Not my subject"), "") == [UNSURE]
