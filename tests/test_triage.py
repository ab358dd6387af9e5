"""The triage data is what its card says: same bytes from the same seed, labels by rule, no leak between the splits."""

import os
import re
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from ftcourse.datasets.triage import generate as G
from ftcourse.datasets.triage import patterns as P

ROOT = Path(G.__file__).parents[3]
CARD = (G.HERE / "README.md").read_text(encoding="utf-8")
SPLITS = {split: G.read(split) for split in G.SIZES}
ROWS = [row for rows in SPLITS.values() for row in rows]
TICKETS = {split: [row["ticket"] for row in rows] for split, rows in SPLITS.items()}
PAIRS = [("train", "valid"), ("train", "test"), ("valid", "test")]

# All lists of sentences that are not requests, each by split.
CUES = [P.URGENCY["high"], P.URGENCY["low"]]
AROUND = [P.CONTEXT, P.ANGRY, P.POLITE, P.CHATTY, P.GREETINGS, P.FORMAL_GREETINGS, P.CHATTY_GREETINGS,
          P.CLOSINGS, P.FORMAL_CLOSINGS, P.HEADERS, P.CONNECTORS]  # fmt: skip
# No ticket without a cue may hold one of these.
URGENT_WORDS = """urgent asap emergency immediately today tonight tomorrow deadline rush hurry priority standstill
    blocks blocked pressing""".split()


def patterns(split: str) -> list[str]:
    """Every pattern of a split, without its mark"""
    lists = list(P.REQUESTS.values()) + CUES + AROUND
    return [G.bare(pattern) for by_split in lists for pattern in by_split[split]]


def area_by_rule(text: str) -> str:
    """The card's list, read from top to bottom"""
    found = set(G.words(text))
    return next((area for area, words in G.AREA_WORDS.items() if found & set(words)), "unknown")


def slot_of(answer: dict) -> str | None:
    """What the summary copies from the ticket, found by taking the canonical phrase away; None if it copies nothing"""
    phrase = G.SUMMARIES.get((answer["intent"], answer["area"]), G.SUMMARIES[answer["intent"]])
    phrase = phrase.replace("{area}", answer["area"])
    match = re.fullmatch(re.sub(r"{\w+}", "(.+)", phrase), answer["summary"].split("; also ")[0])
    assert match, f"{answer['summary']!r} is not {phrase!r}"
    return match[1] if match.groups() else None


def is_double(row: dict) -> bool:
    return "; also " in row["answer"]["summary"]


# ------------------------------------------------------------------ the files


def test_same_bytes_whatever_the_hash_seed():
    "A fresh interpreter with a hash seed of its own finds the files as it would write them, and so does this one"
    run = subprocess.run([sys.executable, "-m", "ftcourse.datasets.triage.generate", "--check"], cwd=ROOT,
                         env=os.environ | {"PYTHONHASHSEED": "4242"}, capture_output=True, text=True)  # fmt: skip
    assert run.returncode == 0, run.stderr
    for split, rows in G.generate().items():
        assert G.to_jsonl(rows) == (G.HERE / f"{split}.jsonl").read_bytes()


def test_writes_the_files_and_notices_a_changed_one(tmp_path, monkeypatch):
    monkeypatch.setattr(G, "HERE", tmp_path)
    monkeypatch.setattr(G, "generate", lambda: SPLITS)  # what it makes is tested above; this is about the files
    assert G.main(["--check"]) == 1  # nothing is there yet
    assert G.main([]) == 0
    for split in G.SIZES:
        here, there = tmp_path / f"{split}.jsonl", Path(G.__file__).with_name(f"{split}.jsonl")
        assert here.read_bytes() == there.read_bytes()
    changed = tmp_path / "test.jsonl"
    changed.write_bytes(changed.read_bytes().replace(b'"normal"', b'"high"', 1))
    assert G.main(["--check"]) == 1


def test_check_fails_on_a_leak(monkeypatch, tmp_path, capsys):
    "The same sentence in two splits: the generator itself would draw again, so the leak is planted behind it"
    leaky = {split: list(rows) for split, rows in SPLITS.items()}
    leaky["test"][7] = leaky["test"][7] | {"ticket": leaky["train"][3]["ticket"]}
    for split in G.SIZES:
        shutil.copy(G.HERE / f"{split}.jsonl", tmp_path)
    monkeypatch.setattr(G, "HERE", tmp_path)
    monkeypatch.setattr(G, "generate", lambda: leaky)
    assert G.main(["--check"]) == 1
    assert "train row 4 leaks into test row 8" in capsys.readouterr().err


def test_another_seed_gives_other_rows_and_no_leak():
    other = G.generate(seed=1)
    assert G.problems(other) == []
    assert sum(row["ticket"] in TICKETS["train"] for row in other["train"]) < 48


@pytest.mark.parametrize("split", G.SIZES)
def test_rows_have_their_shape(split):
    rows = SPLITS[split]
    assert len(rows) == G.SIZES[split]
    assert [row["id"] for row in rows] == [f"triage-{split}-{i:04}" for i in range(1, len(rows) + 1)]
    for row in rows:
        assert list(row) == ["id", "ticket", "answer", "style", "pattern"]
        assert list(row["answer"]) == ["intent", "area", "urgency", "summary"] == G.FIELDS
        assert row["answer"]["intent"] in G.INTENTS
        assert row["answer"]["area"] in G.AREAS
        assert row["answer"]["urgency"] in G.URGENCIES
        assert row["style"] in G.STYLES
        assert row["ticket"] == row["ticket"].strip() and not re.search(r"[{}~<>]|  ", row["ticket"])


def test_files_are_utf8_and_not_escaped():
    text = (G.HERE / "train.jsonl").read_text(encoding="utf-8")
    assert "Zürich" in text and "🙂" in text and "\\u" not in text


# ------------------------------------------------------------------ labels


@pytest.mark.parametrize("split", G.SIZES)
def test_every_label_in_every_split(split):
    for field, values in [("intent", G.INTENTS), ("area", G.AREAS), ("urgency", G.URGENCIES)]:
        assert {row["answer"][field] for row in SPLITS[split]} == set(values)
    assert {row["style"] for row in SPLITS[split]} == set(G.STYLES)


@pytest.mark.parametrize("split", G.SIZES)
def test_shares(split):
    rows, n = SPLITS[split], G.SIZES[split]
    unknown = [row for row in rows if row["answer"]["intent"] == "unknown"]
    assert 0.06 <= len(unknown) / n <= 0.08
    assert all(row["answer"]["area"] == "unknown" and row["answer"]["summary"] == "unclear request" for row in unknown)
    assert 0.09 <= sum(map(is_double, rows)) / n <= 0.11
    urgency = [row["answer"]["urgency"] for row in rows]
    assert (urgency.count("low"), urgency.count("normal"), urgency.count("high")) == (n // 4, n // 2, n // 4)
    intents = [row["answer"]["intent"] for row in rows]
    each = [intents.count(intent) for intent in G.INTENTS if intent != "unknown"]
    assert max(each) - min(each) <= 1


def test_area_is_not_a_function_of_the_intent():
    areas = {i: {r["answer"]["area"] for r in SPLITS["train"] if r["answer"]["intent"] == i} for i in G.INTENTS}
    assert all(len(found) >= 2 for intent, found in areas.items() if intent != "unknown")


def test_area_follows_from_the_ticket():
    "The rule, run on the whole ticket: nothing around a request names an area"
    single = [row for row in ROWS if not is_double(row)]
    assert [row["id"] for row in single if area_by_rule(row["ticket"]) != row["answer"]["area"]] == []


def test_area_follows_from_the_first_request():
    "The rule again, for the tickets with two requests: on what stands before the connector"
    connector = re.compile(r"\b(" + "|".join(map(re.escape, sum(P.CONNECTORS.values(), []))) + ")", re.IGNORECASE)
    heads = {row["id"]: connector.split(row["ticket"])[0] for row in filter(is_double, ROWS) if row["style"] != "typos"}
    answers = {row["id"]: row["answer"]["area"] for row in ROWS}
    assert len(heads) > 50
    assert [i for i, head in heads.items() if area_by_rule(head) != answers[i]] == []


def test_only_cues_speak_of_urgency():
    for row in ROWS:
        said = set(G.words(row["ticket"])) & set(URGENT_WORDS)
        assert not said or row["answer"]["urgency"] != "normal", row["id"]
    for lists in [list(P.REQUESTS.values()), AROUND]:
        for by_split in lists:
            for pattern in sum(by_split.values(), []):
                assert not set(G.words(pattern)) & set(URGENT_WORDS), pattern


def test_every_urgent_or_patient_ticket_has_a_cue():
    "Of the styles that leave a pattern's letters as they are"
    rows = [row for row in ROWS if row["style"] in ("formal", "wordy", "terse")]
    rows = [row for row in rows if row["answer"]["urgency"] != "normal"]
    assert len(rows) > 50
    for row in rows:
        split, level = row["id"].split("-")[1], row["answer"]["urgency"]
        assert sum(G.bare(c) in row["ticket"] for c in P.URGENCY[level][split]) >= 1, row["id"]


def test_summary_copies_its_slot_from_the_ticket():
    copied = 0
    for row in ROWS:
        slot = slot_of(row["answer"])
        if slot is not None:
            assert re.search(rf"(?<!\w){re.escape(slot)}(?!\w)", row["ticket"]), row["id"]
            copied += 1
    assert copied == len(ROWS) - sum(row["answer"]["intent"] == "unknown" for row in ROWS)


def test_summary_is_short_and_names_a_second_intent_if_there_are_two():
    for row in ROWS:
        names = [part.split(".")[0] for part in row["pattern"].split("+")]
        first, *rest = row["answer"]["summary"].split("; also ")
        assert names == [row["answer"]["intent"], *rest]
        assert len(names) == len(set(names)) and 2 <= len(first.split()) <= 7


# ------------------------------------------------------------------ splits


@pytest.mark.parametrize("a,b", PAIRS)
def test_no_leak_between(a, b):
    assert G.leaks(TICKETS[a], TICKETS[b], 0.3) == []


@pytest.mark.parametrize("split", G.SIZES)
def test_no_twins_within(split):
    assert G.twins(TICKETS[split], 0.7) == []


def test_planted_leaks_are_caught():
    source = next(t for t in TICKETS["train"] if len(t.split()) > 30 and re.search(r"\b\d{4}\b", t))
    renumbered = re.sub(r"\b\d{4}\b", "9999", source).upper().replace(".", " !")
    eight = " ".join(["Quite different.", *G.words(source)[:8], "and then a good deal more of other text " * 3])
    clean = "Nothing in this line was ever written by anybody who made the set"
    for planted, caught in [(source, True), (renumbered, True), (eight, True), (clean, False)]:
        found = G.leaks(TICKETS["train"], [*TICKETS["test"], planted])
        assert [j for _, j, _ in found if j != len(TICKETS["test"])] == []
        assert bool(found) == caught, planted
    assert G.jaccard(G.shingles(source), G.shingles(eight)) < 0.3  # so it was the run of eight that gave it away
    assert G.twins([*TICKETS["train"][:50], source, renumbered])


def test_similarity_by_hand():
    a, b = G.shingles("Please refund order 4821 now."), G.shingles("please REFUND order 99 now")
    assert a == {("please", "refund", "order"), ("refund", "order", "4821"), ("order", "4821", "now")}
    assert G.jaccard(a, b) == pytest.approx(1 / 5)
    assert G.shingles("Help me") == {("help", "me")} and G.jaccard(a, a) == 1.0
    assert G.leaks(["Help me"], ["help me!"]) == [(0, 0, 1.0)]


@pytest.mark.parametrize("a,b", PAIRS)
def test_no_pattern_in_two_splits(a, b):
    "Compared as words; what is no longer than three words may be shared (greetings, closings, connectors)"
    left, right = ({tuple(G.words(p)) for p in patterns(split)} for split in (a, b))
    assert [p for p in left & right if len(p) > 3] == []


@pytest.mark.parametrize("a,b", PAIRS)
def test_no_pattern_is_another_one_reworded_lightly(a, b):
    "The same, fuzzily, with slots as words, for all that is a sentence: none comes near one of another split"
    lists = [*P.REQUESTS.values(), *CUES, *AROUND[:4]]
    left, right = ([G.bare(p) for by in lists for p in by[split]] for split in (a, b))
    assert [(left[i], right[j]) for i, j, _ in G.leaks(left, right, 0.4)] == []


def test_rows_use_patterns_of_their_own_split():
    for row in ROWS:
        for name in row["pattern"].split("+"):
            intent, area, split, number = name.split(".")
            assert split == row["id"].split("-")[1]
            assert int(number) < len(P.REQUESTS[intent, area][split])


def test_enough_patterns_for_every_intent_and_area():
    for by_split in P.REQUESTS.values():
        assert [len(set(by_split[s])) >= n for s, n in [("train", 8), ("valid", 2), ("test", 4)]] == [True] * 3


@pytest.mark.parametrize("a,b", PAIRS)
def test_open_values_are_split(a, b):
    def numbers(split):
        return {n for t in TICKETS[split] for n in re.findall(r"\b\d{3,6}\b", t)} - {"401", "403", "500"}  # error codes

    def dates(split):
        return {d for t in TICKETS[split] for d in re.findall(r"\b\d{1,2} [A-Z][a-z]{2,8}\b", t)}

    assert len(numbers(a)) > 20 and numbers(a).isdisjoint(numbers(b))
    assert dates(a) and dates(a).isdisjoint(dates(b))
    for lists in (P.FIRST_NAMES, P.LAST_NAMES, P.CITIES):
        assert set(lists[a]).isdisjoint(lists[b])


# ------------------------------------------------------------------ the card


def test_card_counts_are_true():
    assert G.counts_table(SPLITS) in CARD


def test_card_measures_are_true():
    for a, b in PAIRS:
        assert f"| {a} and {b} | {G.most_alike(TICKETS[a], TICKETS[b]):.3f} |" in CARD
    within = max(G.jaccard(x, y) for x, y in combinations([G.shingles(t) for t in TICKETS["train"]], 2))
    assert f"| within train | {within:.3f} |" in CARD
    for split, rows in SPLITS.items():
        lengths = [len(row["ticket"].split()) for row in rows]
        mean = sum(lengths) / len(lengths)
        assert f"| `{split}.jsonl` | {len(rows)} | {mean:.1f}, {min(lengths)} to {max(lengths)} |" in CARD


def test_card_counts_patterns():
    def long(split):
        lists = list(P.REQUESTS.values()) + CUES + [P.CONTEXT, P.ANGRY, P.POLITE, P.CHATTY]
        rest = AROUND[4:]
        return sum(len(by[split]) for by in lists), sum(len(G.words(p)) > 3 for by in rest for p in by[split])

    total = [sum(long(split)) for split in G.SIZES]
    requests = [sum(len(by[split]) for by in P.REQUESTS.values()) for split in G.SIZES]
    assert "There are {} such patterns in train, {} in valid and {} in test".format(*total) in CARD
    assert "of these {}, {} and {} are requests".format(*requests) in CARD


def test_card_names_every_label_style_and_area_word():
    for value in G.INTENTS + G.AREAS + G.URGENCIES:
        assert f"`{value}`" in CARD
    for name, style in G.STYLES.items():
        assert f"| {name} | {round(100 * style.share)} % |" in CARD
    for area, words in G.AREA_WORDS.items():
        row = next(line for line in CARD.splitlines() if line.startswith(f"| `{area}` | "))
        assert set(words) - set(G.words(row)) <= {"packages"}
