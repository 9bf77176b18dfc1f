"""Which cases teach, which judge, which people see, and which nobody touches: fixed once, by hash.

Nothing here was chosen by its results. A hold-out case never reaches the server as a reference case or a decision; it
is only ever tried.
"""

from dataclasses import dataclass
from functools import lru_cache

from reviewapp.ops.demo import datasets
from reviewapp.ops.demo.datasets import Example

HOUSEHOLD = {"radio or television", "furniture or equipment", "domestic appliances"}


@dataclass(frozen=True, slots=True)
class Split:
    """The cases of one agent.

    `train` taught its first version, `evaluate` judges every version, `demo` are the decisions of the demo pages, `stream`
    is what a simulation sends, by round when `stream` is divided by year, and `holdout` measures what was learned.
    """

    train: tuple[Example, ...]
    evaluate: tuple[Example, ...]
    demo: tuple[Example, ...]
    stream: tuple[Example, ...]
    holdout: tuple[Example, ...]


@lru_cache(maxsize=1)
def credit() -> Split:
    """Return the split of the credit data: 80 to learn from, 130 to judge by, 24 for the demo, 466 to send, 300 held out.

    The first version learns from household loans alone and then decides every purpose: a shift as it happens to banks,
    and one that people can mend.
    """
    rows = datasets.credit()
    order = datasets.by_hash("credit", list(range(len(rows))))
    holdout, rest = order[:300], order[300:]
    train = [index for index in rest if rows[index].input["purpose"] in HOUSEHOLD][:80]
    taken = set(train)
    others = [index for index in rest if index not in taken]
    evaluate, stream = others[:130], others[130:]
    return Split(
        train=_rows(rows, train),
        evaluate=_rows(rows, evaluate),
        demo=_rows(rows, stream[-24:]),
        stream=_rows(rows, stream[:-24]),
        holdout=_rows(rows, holdout),
    )


@lru_cache(maxsize=1)
def employment() -> Split:
    """Return the split of the employment data.

    150 records of 2015 to learn from, 200 of 2016 to judge by, 120 of 2016 for the demo, the stream in the order of the
    years, and 1,000 records held out, 250 of each year.
    """
    rows = datasets.employment()
    order = datasets.by_hash("employment", list(range(len(rows))))
    years = {year: [index for index in order if rows[index].year == year] for year in (2015, 2016, 2017, 2018)}
    holdout = [index for listed in years.values() for index in listed[:250]]
    stream = [
        *years[2015][400:],
        *years[2016][570:],
        *years[2017][250:],
        *years[2018][250:],
    ]
    return Split(
        train=_rows(rows, years[2015][250:400]),
        evaluate=_rows(rows, years[2016][250:450]),
        demo=_rows(rows, years[2016][450:570]),
        stream=_rows(rows, stream),
        holdout=_rows(rows, holdout),
    )


def _rows(rows: tuple[Example, ...], indexes: list[int]) -> tuple[Example, ...]:
    return tuple(rows[index] for index in indexes)
