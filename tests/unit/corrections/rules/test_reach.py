"""How far one correction reaches: the narrow end, the wide end, and what is too wide to be learned."""

from corrections.rules import reach

OWN = {"purpose": "car", "employed": True}
CAR, JOBLESS, REPAIRS = (
    {"purpose": "car", "employed": True},
    {"purpose": "car", "employed": False},
    {"purpose": "repairs"},
)


def test_narrow__counts_only_cases_alike_in_every_field():
    found = reach.narrow(OWN, [CAR, JOBLESS, REPAIRS, CAR], [True, True, True, False])
    assert (found.fields, found.alike, found.turned) == (("employed", "purpose"), (0, 3), (0,))


def test_wide__takes_the_fields_that_turn_most_within_a_fifth_of_the_cases():
    others = [{"purpose": "repairs", "employed": True}] * 8
    found = reach.wide(OWN, [CAR, JOBLESS, *others], [True, True, *[True] * 8])
    assert found is not None
    assert (found.fields, found.turned) == (("purpose",), (0, 1)), "employed alone takes in nine of ten"


def test_wide__every_segment_too_large__is_none():
    assert reach.wide(OWN, [CAR, CAR], [True, False]) is None


def test_narrow__case_that_could_not_be_decided_again__counts_nowhere():
    assert reach.narrow(OWN, [CAR], [None]).alike == ()
