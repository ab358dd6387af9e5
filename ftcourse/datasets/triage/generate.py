"""Write the support-ticket triage data: `python -m ftcourse.datasets.triage.generate [--check | --counts]`.

A row is a customer's ticket and the answer wanted for it. Every label follows from the ticket alone:

- **intent**: what the writer asks for. `refund`: money back. `cancel`: end a plan, an order or an account. `login`:
  cannot sign in. `bug`: a named feature is broken. `delivery`: something bought has not come. `invoice`: an invoice
  sent, sent again or corrected. `how_to`: how something is done. `change_plan`: from one plan to another. A complaint
  that only gives the reason for a request is no request of its own. `unknown`: none of these, or nobody could tell.
- **area**: the first line of `AREA_WORDS` of which the first request holds a word. `unknown` if the intent is.
- **urgency**: `high` if the ticket calls itself urgent, has a deadline of today or tomorrow, or says that work stands
  still; `low` if it says that it can wait; else `normal`. Anger, capitals and exclamation marks do not count.
- **summary**: the phrase of `SUMMARIES` for the intent, its slot copied from the ticket.

Of two requests the first gives the labels, the second is added to the summary: `cancel order 4821; also login`.

Splits share no sentence: each pattern in `patterns.py` belongs to one. Numbers, dates, names and towns are split too.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ftcourse.datasets.triage import patterns as P

HERE = Path(__file__).parent
SEED = 20261123
SIZES = {"train": 480, "valid": 48, "test": 120}
FIELDS = ["intent", "area", "urgency", "summary"]  # the order of the answer's keys
INTENTS = ["refund", "cancel", "login", "bug", "delivery", "invoice", "how_to", "change_plan", "unknown"]
AREAS = ["billing", "account", "app", "shop", "shipping", "api", "unknown"]
URGENCIES = ["low", "normal", "high"]

# The area rule: from top to bottom, the first area of which the first request holds a word.
AREA_WORDS = {
    "api": ["api"],
    "shipping": ["parcel", "package", "packages", "courier", "driver", "tracking", "shipping", "delivery", "delivered"],
    "app": ["app"],
    "account": ["account"],
    "shop": ["shop", "order"],
    "billing": ["plan", "subscription", "invoice"],
}
# By intent, or by intent and area where the slot depends on the area.
SUMMARIES = {
    "refund": "refund for order {order}",
    "cancel": "cancel order {order}",
    "login": "login fails on {device}",
    "bug": "{feature} broken in {area}",
    "delivery": "order {order} not delivered",
    "invoice": "send invoice {invoice}",
    "how_to": "how to {task}",
    "change_plan": "change plan to {plan}",
    "unknown": "unclear request",
    ("refund", "billing"): "refund for {plan} plan",
    ("cancel", "billing"): "cancel {plan} plan",
    ("cancel", "account"): "cancel account {customer}",
    ("login", "account"): "login fails on {browser}",
    ("login", "api"): "login fails with key {key}",
    ("invoice", "shop"): "send invoice for order {order}",
}
TROUBLE = ["login", "bug", "delivery"]  # where somebody's work may stand still
UNKNOWN_SHARE, DOUBLE_SHARE = 0.07, 0.10
URGENCY_SHARES = {"low": 0.25, "normal": 0.50, "high": 0.25}
NEAR = 0.3  # no two tickets of different splits are this alike
TWIN = 0.7  # no two tickets of one split are this alike


@dataclass(frozen=True)
class Style:
    """How a ticket of one style is put together; `context` and `extra` say how many sentences, from least to most"""

    share: float
    greeting: float  # how often it has one
    closing: float
    context: tuple[int, int]
    extra: tuple[int, int] = (0, 0)
    extras: dict | None = None  # where the extra sentences come from
    letter: bool = False  # written in paragraphs
    contracts: float = 0.0  # how often "do not" becomes "don't"


STYLES = {
    "plain": Style(0.20, 0.5, 0.4, (0, 2), contracts=0.5),
    "formal": Style(0.12, 1.0, 1.0, (0, 1), letter=True),
    "chatty": Style(0.14, 0.6, 0.2, (0, 1), (0, 2), P.CHATTY, contracts=0.8),
    "terse": Style(0.12, 0.0, 0.0, (0, 0)),
    "angry": Style(0.11, 0.2, 0.2, (0, 1), (1, 2), P.ANGRY, contracts=0.5),
    "wordy": Style(0.08, 1.0, 1.0, (0, 1), (2, 3), P.POLITE, letter=True),
    "forwarded": Style(0.08, 0.4, 0.0, (0, 2), letter=True, contracts=0.3),
    "emoji": Style(0.07, 0.5, 0.3, (0, 1), contracts=0.6),
    "typos": Style(0.08, 0.3, 0.3, (0, 1), contracts=0.5),
}


# ------------------------------------------------------------------ drawing without repeats


def owner(number: int) -> str:
    """The one split in which this number may stand: the remainder by 7 decides, which no digit shows"""
    return {4: "valid", 5: "test", 6: "test"}.get(number % 7, "train")


class Source:
    """Where one split draws its sentences and values from"""

    def __init__(self, split: str, seed: int):
        self.split, self.decks, self.numbers = split, {}, set()
        self.rng = random.Random(f"{seed} {split}")  # a string is seeded by its sha512, not by hash()

    def deal(self, items: list):
        """One of `items`; none comes a second time before all had their turn"""
        deck = self.decks.setdefault(tuple(items), [])
        if not deck:
            deck += self.rng.sample(items, len(items))
        return deck.pop()

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def number(self, low: int, high: int) -> str:
        """A number in [low, high) that belongs to this split and was not drawn before"""
        while owner(n := self.rng.randrange(low, high)) != self.split or n in self.numbers:
            pass
        self.numbers.add(n)
        return str(n)

    def date(self) -> str:
        """A day such as "14 March"; no day stands in two splits"""
        months = "January February March April May June July August September October November December".split()
        days = [(month, day) for month in range(12) for day in range(1, 29) if owner(100 * month + day) == self.split]
        month, day = self.rng.choice(days)
        return f"{day} {months[month]}"

    def name(self) -> str:
        return f"{self.deal(P.FIRST_NAMES[self.split])} {self.deal(P.LAST_NAMES[self.split])}"


def spread(shares: dict, n: int, rng: random.Random) -> list:
    """`n` keys in random order, each as often as its share says; the largest remainders are rounded up"""
    exact = {key: n * share / sum(shares.values()) for key, share in shares.items()}
    counts = {key: int(x) for key, x in exact.items()}
    by_remainder = sorted(exact, key=lambda key: counts[key] - exact[key])
    for key in by_remainder[: n - sum(counts.values())]:
        counts[key] += 1
    keys = [key for key, count in counts.items() for _ in range(count)]
    return rng.sample(keys, n)


# ------------------------------------------------------------------ slots


def plans(pattern: str, rng: random.Random) -> dict:
    """The plan asked for and the one to leave, larger or smaller where the pattern needs it"""
    smaller, larger = sorted(rng.sample(range(len(P.PLANS)), 2))
    up = "{higher}" not in pattern and ("{lower}" in pattern or rng.random() < 0.5)
    wanted, left = (larger, smaller) if up else (smaller, larger)
    return dict(plan=P.PLANS[wanted]) | dict.fromkeys(["old", "lower", "higher"], P.PLANS[left])


def slots(pattern: str, area: str, source: Source) -> dict:
    """A value for each slot in `pattern`"""
    draw = {
        "order": lambda: source.number(1000, 10_000),
        "invoice": lambda: source.number(10_000, 100_000),
        "customer": lambda: source.number(100_000, 1_000_000),
        "key": lambda: source.number(100, 1000),
        "newline": lambda: "\n",
        "date": source.date,
        "name": source.name,
        "city": lambda: source.deal(P.CITIES[source.split]),
        "device": lambda: source.deal(P.DEVICES),
        "browser": lambda: source.deal(P.BROWSERS),
        "years": lambda: source.deal(P.YEARS),
        "feature": lambda: source.deal(P.FEATURES[area]),
        "task": lambda: source.deal(P.TASKS[area]),
    }
    names = re.findall(r"{(\w+)}", pattern)
    values = plans(pattern, source.rng) if "plan" in names else {}
    return values | {name: draw[name]() for name in names if name in draw}


# ------------------------------------------------------------------ styles

# All of these act on a pattern before its slots are filled, so that no slot is ever changed.


def bare(pattern: str) -> str:
    """`pattern` without the mark in front"""
    return pattern.lstrip("~=<> ")


def contract(pattern: str) -> str:
    """Short forms, as people write them: "do not" to "don't" """
    pairs = {
        "do not": "don't", "does not": "doesn't", "did not": "didn't", "is not": "isn't", "has not": "hasn't",
        "will not": "won't", "could not": "couldn't", "cannot": "can't", "I am": "I'm", "I would": "I'd",
    }  # fmt: skip
    for long, short in pairs.items():
        for a, b in [(long, short), (long[0].upper() + long[1:], short[0].upper() + short[1:])]:
            pattern = re.sub(rf"\b{a}\b", b, pattern)
    return pattern


def lower(pattern: str) -> str:
    """Lower case, as in a chat; slot names are lower case as they stand"""
    return pattern.lower().replace("please", "pls", 1).removesuffix(".")


def shout(pattern: str, rng: random.Random) -> str:
    """An exclamation mark for the full stop, now and then two"""
    if not pattern.endswith(".") or rng.random() < 0.4:
        return pattern
    return pattern[:-1] + rng.choice(["!", "!", "!!"])


def mistype(word: str, rng: random.Random) -> str:
    """Swap two inner letters of `word`, or drop one; first and last stay, so that it can still be read"""
    i = rng.randrange(1, len(word) - 2)
    a, b = word[i], word[i + 1]
    return word[:i] + (a if a == b or rng.random() < 0.4 else b + a) + word[i + 2 :]


def typos(pattern: str, rng: random.Random) -> str:
    """A slip of the finger in one of six longer words, at least one, never in a slot or in a word of the area rule"""
    safe = {word for words in AREA_WORDS.values() for word in words}
    # A word of five letters or more that is neither a slot nor part of a word with an apostrophe or a hyphen.
    found = [m for m in re.finditer(r"(?<![\w{'-])[A-Za-z][a-z]{4,}(?![\w}'-])", pattern) if m[0].lower() not in safe]
    slips = rng.sample(found, max(1, round(len(found) / 6))) if found else []
    for m in sorted(slips, key=lambda m: m.start(), reverse=True):  # from the back, so that positions stay true
        pattern = pattern[: m.start()] + mistype(m[0], rng) + pattern[m.end() :]
    return pattern


def dress(pattern: str, style: str, rng: random.Random) -> str:
    """`pattern` as somebody of this style would type it"""
    pattern = bare(pattern)
    if rng.random() < STYLES[style].contracts:
        pattern = contract(pattern)
    if style == "chatty":
        return lower(pattern)
    if style == "angry":
        return shout(pattern, rng)
    if style == "typos":
        return typos(pattern, rng)
    return pattern


# ------------------------------------------------------------------ one ticket


@dataclass(frozen=True)
class Brief:
    """What one ticket has to say, and how"""

    intent: str
    area: str
    urgency: str
    style: str
    second: tuple[str, str] | None = None  # intent and area of a second request


def request(kind: tuple[str, str], style: str, source: Source) -> tuple[str, str]:
    """A request pattern of `kind` that suits the style, and its name"""
    patterns = P.REQUESTS[kind][source.split]
    pattern = source.deal([p for p in patterns if p.startswith("~") == (style == "terse")])
    return pattern, f"{kind[0]}.{kind[1]}.{source.split}.{patterns.index(pattern):02}"


def cue(brief: Brief, source: Source) -> str | None:
    """A sentence that says how urgent it is; none for a normal ticket"""
    if brief.urgency == "normal":
        return None
    fits = [p for p in P.URGENCY[brief.urgency][source.split] if p.startswith("~") == (brief.style == "terse")]
    if brief.intent not in TROUBLE:
        fits = [p for p in fits if not p.startswith("=")]
    return source.deal(fits)


def around(style: str, source: Source) -> tuple[list[str], list[str]]:
    """The sentences that have nothing to do with the labels: those before the request and those after it"""
    look = STYLES[style]
    found = [source.deal(P.CONTEXT[source.split]) for _ in range(source.rng.randint(*look.context))]
    found += [source.deal(look.extras[source.split]) for _ in range(source.rng.randint(*look.extra))]
    before, after = [], []
    for pattern in source.rng.sample(found, len(found)):
        places = {"<": [before], ">": [after]}.get(pattern[0], [before, after])
        source.rng.choice(places).append(pattern)
    return before, after


def body(brief: Brief, source: Source) -> tuple[list[str], str, dict]:
    """The sentences between greeting and closing, the name of the request patterns, and the slots of the first"""

    def say(pattern: str, values: dict) -> str:
        return dress(pattern, brief.style, source.rng).format(**values)

    asked, name = request((brief.intent, brief.area), brief.style, source)
    first = slots(asked, brief.area, source)
    said = [say(asked, first)]
    if brief.second:
        asked, second_name = request(brief.second, brief.style, source)
        between = P.CONNECTORS["terse" if brief.style == "terse" else source.split]
        said.append(say(source.deal(between), {}) + " " + say(asked, slots(asked, brief.second[1], source)))
        name += "+" + second_name
    if urgent := cue(brief, source):
        said.append(say(urgent, {}))
    before, after = [[say(p, slots(p, "", source)) for p in side] for side in around(brief.style, source)]
    return before + said + after, name, first


def add_emoji(sentences: list[str], source: Source) -> list[str]:
    """An emoji behind every other sentence"""
    picked = source.rng.sample(range(len(sentences)), (len(sentences) + 1) // 2)
    return [f"{s} {source.deal(P.EMOJI)}" if i in picked else s for i, s in enumerate(sentences)]


def chat(sentences: list[str], source: Source) -> str:
    """One line of lower case, with commas where others put full stops"""
    text = re.sub(r"([?!:]),", r"\1", ", ".join(sentences))
    if source.chance(STYLES["chatty"].greeting):
        text = source.deal(P.CHATTY_GREETINGS[source.split]) + ", " + text
    if source.chance(STYLES["chatty"].closing):
        text += "\n" + source.deal(P.FIRST_NAMES[source.split]).lower()
    return text


def wrap(sentences: list[str], style: str, source: Source) -> str:
    """The ticket: `sentences` with header, greeting, closing and name around them"""
    if style == "chatty":
        return chat(sentences, source)
    if style == "emoji":
        sentences = add_emoji(sentences, source)
    look, split = STYLES[style], source.split
    greetings = P.FORMAL_GREETINGS if style == "formal" else P.GREETINGS
    closings = P.FORMAL_CLOSINGS if style in ("formal", "wordy") else P.CLOSINGS
    parts = [" ".join(sentences)]
    if source.chance(look.greeting):
        parts.insert(0, source.deal(greetings[split]))
    if source.chance(look.closing):
        parts.append(source.deal(closings[split]) + "\n" + source.name())
    if style == "forwarded":
        header = source.deal(P.HEADERS[split])
        parts.insert(0, header.format(**slots(header, "", source)))
    return ("\n\n" if look.letter else "\n").join(parts)


def summary(intent: str, area: str, values: dict, second: tuple[str, str] | None) -> str:
    """The canonical line for these labels, with the slot as it stands in the ticket"""
    phrase = SUMMARIES.get((intent, area), SUMMARIES[intent]).format(area=area, **values)
    return f"{phrase}; also {second[0]}" if second else phrase


def compose(brief: Brief, source: Source) -> dict:
    """One row, still without its id"""
    sentences, name, values = body(brief, source)
    phrase = summary(brief.intent, brief.area, values, brief.second)
    answer = dict(intent=brief.intent, area=brief.area, urgency=brief.urgency, summary=phrase)
    return dict(ticket=wrap(sentences, brief.style, source), answer=answer, style=brief.style, pattern=name)


# ------------------------------------------------------------------ one split


def slot_family(kind: tuple[str, str]) -> str:
    """What the summary of `kind` copies; two requests of one ticket never copy the same sort of thing"""
    return re.search(r"{(\w+)}", SUMMARIES.get(kind, SUMMARIES[kind[0]]))[1]


def kinds(n: int, rng: random.Random) -> list[tuple[str, str]]:
    """`n` pairs of intent and area: intents equally often, and within each its areas"""
    found = []
    for intent, count in Counter(spread(dict.fromkeys(INTENTS[:-1], 1), n, rng)).items():
        areas = [a for i, a in P.REQUESTS if i == intent]
        found += [(intent, area) for area in spread(dict.fromkeys(areas, 1), count, rng)]
    return rng.sample(found, n)


def second_for(first: tuple[str, str], rng: random.Random) -> tuple[str, str]:
    """A second request that makes sense beside the first; who closes an account asks for nothing else"""
    fits = [k for k in P.REQUESTS if k[0] not in (first[0], "unknown") and k != ("cancel", "account")]
    return rng.choice([k for k in fits if slot_family(k) != slot_family(first)])


def briefs(n: int, rng: random.Random) -> list[Brief]:
    """What the `n` tickets of a split have to say: the shares are kept exactly"""
    unknown, double = round(n * UNKNOWN_SHARE), round(n * DOUBLE_SHARE)
    wanted = kinds(n - unknown, rng)
    seconds, left = [], double
    for kind in wanted:
        seconds.append(second_for(kind, rng) if left and kind != ("cancel", "account") else None)
        left -= seconds[-1] is not None
    wanted += [("unknown", "unknown")] * unknown
    seconds += [None] * unknown
    urgencies = spread(URGENCY_SHARES, n, rng)
    styles = spread({name: style.share for name, style in STYLES.items()}, n, rng)
    rows = [Brief(*kind, urgency, style, second)
            for kind, urgency, style, second in zip(wanted, urgencies, styles, seconds, strict=True)]
    return rng.sample(rows, n)


def fresh(brief: Brief, source: Source, seen: list) -> dict:
    """A row for `brief` that is not too like any in `seen`; it is drawn again until it is not"""
    for _ in range(100):
        row = compose(brief, source)
        marks = (source.split, shingles(row["ticket"]), shingles(row["ticket"], 8))
        if not any(clash(marks, other) for other in seen):
            seen.append(marks)
            return row
    raise RuntimeError(f"no new ticket found for {brief}: {source.split} needs more patterns")


def generate(seed: int = SEED) -> dict[str, list[dict]]:
    """The rows of all three splits"""
    splits, seen = {}, []  # seen: (split, runs of three words, runs of eight words)
    for split, n in SIZES.items():
        source = Source(split, seed)
        rows = [fresh(brief, source, seen) for brief in briefs(n, source.rng)]
        splits[split] = [{"id": f"triage-{split}-{i:04}"} | row for i, row in enumerate(rows, 1)]
    return splits


# ------------------------------------------------------------------ leaks


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without punctuation"""
    return re.findall(r"[\w']+", text.lower())


@lru_cache(maxsize=8192)  # each ticket is compared with all others
def shingles(text: str, n: int = 3) -> frozenset:
    """All runs of `n` words in `text`; a shorter text is one run"""
    w = words(text)
    return frozenset(tuple(w[i : i + n]) for i in range(max(1, len(w) - n + 1)))


def jaccard(a: frozenset, b: frozenset) -> float:
    """What the two sets share, as a part of what they hold together"""
    if a.isdisjoint(b):  # so for most pairs, and much quicker
        return 0.0
    return len(a & b) / len(a | b)


def clash(a: tuple, b: tuple) -> bool:
    """Whether two tickets are too alike, each as (split, runs of three words, runs of eight words)"""
    alike = jaccard(a[1], b[1])
    if a[0] == b[0]:
        return alike >= TWIN
    # Without three shared words there are no eight.
    return alike >= NEAR or alike > 0 and not a[2].isdisjoint(b[2])


def leaks(a: list[str], b: list[str], threshold: float = NEAR) -> list[tuple[int, int, float]]:
    """Pairs (index in `a`, index in `b`, similarity) that reach `threshold` or share eight words in a row"""
    left = [(shingles(t), shingles(t, 8)) for t in a]
    right = [(shingles(t), shingles(t, 8)) for t in b]
    found = []
    for i, (three, eight) in enumerate(left):
        for j, (three_b, eight_b) in enumerate(right):
            alike = jaccard(three, three_b)
            if alike >= threshold or alike > 0 and not eight.isdisjoint(eight_b):
                found.append((i, j, alike))
    return found


def twins(texts: list[str], threshold: float = TWIN) -> list[tuple[int, int, float]]:
    """Pairs of `texts` whose similarity reaches `threshold`"""
    sets = [shingles(t) for t in texts]
    pairs = ((i, j) for j in range(len(sets)) for i in range(j))
    return [(i, j, alike) for i, j in pairs if (alike := jaccard(sets[i], sets[j])) >= threshold]


def most_alike(a: list[str], b: list[str]) -> float:
    """The largest similarity between a text of `a` and one of `b`"""
    left, right = [shingles(t) for t in a], [shingles(t) for t in b]
    return max(jaccard(x, y) for x in left for y in right)


# ------------------------------------------------------------------ files


def to_jsonl(rows: list[dict]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8")


def read(split: str, folder: Path = HERE) -> list[dict]:
    """The rows of a split as they lie on disk"""
    return [json.loads(line) for line in (folder / f"{split}.jsonl").read_text(encoding="utf-8").split("\n") if line]


def problems(splits: dict[str, list[dict]]) -> list[str]:
    """What is wrong with these rows, in words; empty if they are as the card says"""
    tickets = {split: [row["ticket"] for row in rows] for split, rows in splits.items()}
    found = [f"{split}: {len(tickets[split])} rows, not {n}" for split, n in SIZES.items() if len(tickets[split]) != n]
    for split, texts in tickets.items():
        found += [f"{split} rows {i + 1} and {j + 1} are twins ({x:.2f})" for i, j, x in twins(texts)]
    for a, b in [("train", "valid"), ("train", "test"), ("valid", "test")]:
        found += [f"{a} row {i + 1} leaks into {b} row {j + 1} ({x:.2f})" for i, j, x in leaks(tickets[a], tickets[b])]
    return found


def counts_table(splits: dict[str, list[dict]]) -> str:
    """The card's table of counts"""
    def column(key) -> dict[str, Counter]:
        return {split: Counter(key(row) for row in rows) for split, rows in splits.items()}

    parts = [
        ("intent", INTENTS, column(lambda row: row["answer"]["intent"])),
        ("area", AREAS, column(lambda row: row["answer"]["area"])),
        ("urgency", URGENCIES, column(lambda row: row["answer"]["urgency"])),
        ("style", list(STYLES), column(lambda row: row["style"])),
        ("requests", [1, 2], column(lambda row: 1 + row["answer"]["summary"].count("; also "))),
    ]
    lines = ["| field | value | " + " | ".join(splits) + " |", "|---|---|" + "---:|" * len(splits)]
    for field, values, column in parts:
        lines += [f"| {field} | {v} | " + " | ".join(str(column[s][v]) for s in splits) + " |" for v in values]
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the support-ticket triage data.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if files differ or a split leaks")
    parser.add_argument("--counts", action="store_true", help="write nothing; print the card's table of counts")
    args = parser.parse_args(argv)
    splits = generate()
    if args.counts:
        print(counts_table(splits))
        return 0
    found = problems(splits)
    for split, rows in splits.items():
        path, data = HERE / f"{split}.jsonl", to_jsonl(rows)
        if args.check and (not path.exists() or path.read_bytes() != data):
            found.append(f"{path.name} is not what the generator makes")
        elif not args.check and not found:
            path.write_bytes(data)
    print("\n".join(found) or f"{sum(SIZES.values())} rows, no leak", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
