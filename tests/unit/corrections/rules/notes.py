"""Made-up justifications: templated notes that look alike, sentences that do not, and edited copies of both."""

import numpy as np

SEGMENTS = [
    "retail",
    "students",
    "self-employed",
    "pensioners",
    "seasonal workers",
    "new customers",
    "trade",
    "farming",
]
FINDINGS = [
    "The payslip of {month} shows {amount} a month, {times} times what the form says",
    "Account {account} was overdrawn on {count} days; the limit of {amount} is not kept",
    "Customer from {segment}: instalment of {amount} over {count} months is within the rule",
    "Bureau reports {count} open credits, together {amount}, for {segment}",
    "I called the employer on {month} {count}: employed since {year}, net income {amount}",
    "The guarantor covers {amount} until {year}, so the segment {segment} limit does not apply",
]
ENDS = [
    "The agent overlooked this.",
    "This should have been declined.",
    "This should have been approved in full.",
    "Please look at the annex, page {page}.",
    "The rule of {year} applies here.",
]
MONTHS = ["January", "March", "May", "June", "August", "October", "December"]
_VOCABULARY = """
income rent employer account balance payment delay history credit customer letter contract notice proof address
family house savings guarantee insurance branch file record statement request answer reason change loss gain
doubt market season crop harvest machine vehicle repair school tuition hospital invoice supplier order delivery
refund shows lacks proves supports contradicts explains covers exceeds replaces confirms delays reduces repeats
follows old new late early recent small large steady doubtful plausible complete missing second third former
local foreign
"""
WORDS = _VOCABULARY.split()


def _note(chance):
    text = f"{chance.choice(FINDINGS)}. {chance.choice(ENDS)}"
    return text.format(
        month=chance.choice(MONTHS),
        amount=int(chance.integers(200, 90_000)),
        times=int(chance.integers(2, 9)),
        account=int(chance.integers(10_000, 99_999)),
        count=int(chance.integers(2, 60)),
        segment=chance.choice(SEGMENTS),
        year=int(chance.integers(1990, 2027)),
        page=int(chance.integers(1, 40)),
    )


def _sentence(chance):
    words = chance.choice(WORDS, int(chance.integers(9, 22))).tolist()
    half = len(words) // 2
    return f"{' '.join(words[:half]).capitalize()}. {' '.join(words[half:]).capitalize()}."


def edited(text, chance, kind=None):
    """Return a copy edited in one of six ways; numbers and negations stay as they are."""
    kind = kind or chance.choice(["format", "typos", "swap", "prefix", "suffix", "order"])
    if kind == "format":
        return f"  {text.upper()} ".replace(". ", " – ").replace(",", " ")
    if kind == "prefix":
        return f"{chance.choice(['Note: ', 'As said: ', 'Hi, ', 'Reviewer: '])}{text}"
    if kind == "suffix":
        return f"{text} {chance.choice(['Thanks.', 'See file.', 'Checked again.', 'ok'])}"
    if kind == "order":
        return " ".join(reversed([f"{part.strip(' .')}." for part in text.split(". ")]))
    words = text.split()
    if kind == "swap":
        place = int(chance.integers(len(words) - 1))
        words[place], words[place + 1] = words[place + 1], words[place]
        return " ".join(words)
    long = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    for place in chance.choice(long, min(len(long), int(chance.integers(1, 4))), replace=False).tolist():
        word = words[place]
        at = int(chance.integers(1, len(word) - 1))
        how = int(chance.integers(3))
        letter = "abcdefghijklmnopqrstuvwxyz"[int(chance.integers(26))]
        words[place] = [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ][how]
    return " ".join(words)


def generate(many, *, seed=1, sentences=0.35, copies=0.2):
    """Return texts, and for each the place of the text it was copied from or -1."""
    chance = np.random.default_rng(seed)
    texts, source = [], []
    for place in range(many):
        if place > 10 and chance.random() < copies:
            original = int(chance.integers(place))
            while source[original] >= 0:
                original = source[original]
            texts.append(edited(texts[original], chance))
            source.append(original)
        else:
            texts.append(_sentence(chance) if chance.random() < sentences else _note(chance))
            source.append(-1)
    return texts, source
