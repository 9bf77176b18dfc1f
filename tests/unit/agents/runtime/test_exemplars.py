"""The nearest exemplars: by words, by numbers, by both; the same question always has the same answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime import exemplars
from agents.runtime.exemplars import Unreadable


def made(name: str, **fields: Any) -> dict[str, Any]:
    return {"source": name, "input": fields, "output": {"action": "refund"}, "reading": "People agreed: refund."}


KETTLE = made("kettle", message="The kettle arrived with a cracked lid", item="Kettle, steel", order_value=49.0, days=2)
SHOES = made("shoes", message="I changed my mind about the shoes", item="Running shoes", order_value=89.0, days=9)
LAMP = made("lamp", message="The lamp arrived broken", item="Desk lamp", order_value=30.0, days=40)
ALL = (KETTLE, SHOES, LAMP)


def order(wanted: str | None, limit: int = 3, among: Any = ALL) -> list[str]:
    asked = exemplars.asked(wanted) if wanted is not None else None
    return [near.exemplar["source"] for near in exemplars.nearest(among, asked, limit=limit)]


def test_nearest__text__by_words_in_common():
    assert order("my shoes do not fit, I changed my mind") == ["shoes", "kettle", "lamp"]
    assert order("a kettle with a crack", 1) == ["kettle"]


def test_nearest__fields__by_distance_and_words():
    assert order('{"order_value": 80, "days": 10}', 1) == ["shoes"]
    assert order('{"order_value": 31.5, "item": "A lamp"}', 1) == ["lamp"]


def test_nearest__pointer__compares_one_field():
    assert order("/days=39", 1) == ["lamp"]
    assert order("/item=Running shoes", 1) == ["shoes"]


def test_nearest__the_very_case__is_first_and_wholly_alike():
    (first, *_) = exemplars.nearest(ALL, exemplars.asked('{"order_value": 89.0, "item": "Running shoes"}'), limit=3)

    assert (first.exemplar["source"], first.similarity) == ("shoes", 1.0)


def test_nearest__nothing_asked__is_the_sealed_order():
    assert order(None) == ["kettle", "shoes", "lamp"]
    assert exemplars.nearest(ALL, None, limit=1)[0].similarity is None


def test_nearest__equals__keep_the_sealed_order():
    twins = [made("b", item="x"), made("a", item="x"), made("c", item="y")]

    assert order("/item=x", among=twins) == ["b", "a", "c"]
    assert order("nothing in common", among=twins) == ["b", "a", "c"]


def test_nearest__truth_is_no_number():
    among = [made("one", gift=1), made("yes", gift=True)]

    assert order('{"gift": true}', among=among) == ["yes", "one"]


def test_nearest__absent_field__counts_nothing():
    among = [made("without", item="Kettle"), made("with", item="Kettle", days=2)]

    assert order('{"item": "Kettle", "days": 2}', among=among) == ["with", "without"]


@pytest.mark.parametrize("text", ["/item", "/=3", "/a//b=1", "[1]", "{}", '{"a": {}}'])
def test_asked__nothing_to_compare__is_refused(text):
    with pytest.raises(Unreadable):
        exemplars.asked(text)


def test_asked__odd_json__is_plain_text():
    assert exemplars.asked("{not json") == "{not json"
    assert exemplars.asked("[" * 5_000) == "[" * 5_000


def test_asked__pointer_with_escapes__names_the_field():
    assert exemplars.asked('/a~1b/c~0d="1"') == {("a/b", "c~d"): "1"}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.dictionaries(st.text(), inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON, max_size=3), max_size=6)


@given(DOCUMENTS, st.dictionaries(st.tuples(st.sampled_from(["a", "b"])), JSON, min_size=1) | st.text())
def test_nearest__any_documents__is_ordered_bounded_and_repeatable(documents, wanted):
    among = [{"source": str(index), "input": one} for index, one in enumerate(documents)]

    found = exemplars.nearest(among, wanted, limit=4)

    assert found == exemplars.nearest(among, wanted, limit=4)
    assert len(found) == min(4, len(among))
    likeness = [near.similarity for near in found]
    assert likeness == sorted(likeness, reverse=True)
    assert all(0 <= one <= 1.000001 for one in likeness)
