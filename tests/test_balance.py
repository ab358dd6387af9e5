"""Balance: languages, topics, counts, and rows that are repeated, left out or weighted with every one accounted for."""
import json
import random
import sys
from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from ftcourse.data.balance import BARS, NONE, balance, balance_figure, balance_table, counts, kinds, language, topics
from ftcourse.data.layouts import valid
from ftcourse.findings import CODES, Trouble
from tests.test_units import EVIL


def ask(q, a="", **meta): return dict(messages=[dict(role="user", content=q), dict(role="assistant", content=a)], meta=meta)
def said(rows): return Counter(json.dumps(r, sort_keys=True) for r in rows)

labels = st.sampled_from(["late", "late", "late", "refund", "broken", None, "", "<b>", 3, ["a", "b"]])
some_rows = st.lists(st.builds(lambda q, l: ask(q, label=l), st.text(max_size=5), labels), max_size=40)


@settings(deadline=None, max_examples=150)
@given(some_rows, st.sampled_from(("none", "over", "under", "weights")), st.sampled_from((0, 0.5, 1.0)), st.sampled_from((1, 2, 10)), st.integers(0, 2), st.randoms(use_true_random=False))
def test_rows_are_accounted_for_whatever_their_order(rows, how, strength, most, seed, rng):
    before = json.dumps(rows)
    out, rejected, report = balance(rows, how=how, strength=strength, most=most, seed=seed)
    assert json.dumps(rows) == before, "the rows given are left alone"
    assert report["rows_in"] == len(rows) == report["kept"] + report["rejected"] and len(out) == report["rows_out"] == report["kept"] + report["copies"] and len(rejected) == report["rejected"]
    assert json.dumps(report) and all(r["code"] in CODES and r["step"] == "balance" for r in rejected)
    assert Counter(k for k in kinds(out) if k != NONE) == Counter(report["after"]) and set(report["after"]) == set(report["before"])
    assert sum("copy" in r["meta"] for r in out) == report["copies"]
    other = rows[:]
    rng.shuffle(other)
    assert said(balance(other, how=how, strength=strength, most=most, seed=seed)[0]) == said(out)

@pytest.mark.parametrize("how, sizes", [("over", dict(a=80, b=80, c=50)), ("under", dict(a=5, b=5, c=5)), ("none", dict(a=80, b=20, c=5))])
def test_kinds_become_equal(how, sizes):
    rows = [ask(f"{l} {i}", label=l) for l, n in (("a", 80), ("b", 20), ("c", 5)) for i in range(n)]
    out, _, report = balance(rows, how=how)
    assert counts(out) == sizes == report["after"] and report["capped"] == (["c"] if how == "over" else [])

def test_copies_are_spread_evenly():
    out = balance([ask(f"a {i}", label="a") for i in range(17)] + [ask(f"b {i}", label="b") for i in range(5)], how="over")[0]
    often = Counter(r["messages"][0]["content"] for r in out if r["meta"]["label"] == "b")
    assert sorted(often.values()) == [3, 3, 3, 4, 4]

def test_half_the_way_is_the_square_root():
    rows = [ask(f"{l} {i}", label=l) for l, n in (("a", 400), ("b", 100)) for i in range(n)]
    assert balance(rows, how="over", strength=0.5)[2]["after"] == dict(a=400, b=200)
    assert balance(rows, how="under", strength=0.5)[2]["after"] == dict(a=200, b=100)

def test_weights_sum_to_the_rows_and_even_out_the_kinds():
    rows = [ask(f"{l} {i}", label=l) for l, n in (("a", 90), ("b", 10)) for i in range(n)]
    out, _, report = balance(rows, how="weights")
    mass = Counter()
    for r in out: mass[r["meta"]["label"]] += r["weight"]
    assert abs(mass["a"] - 50) < 1e-2 and abs(mass["b"] - 50) < 1e-2 and report["counts_as"] == dict(a=50, b=50) and all(valid(r) for r in out)

def test_rows_that_do_not_tell_are_left_alone():
    rows = [ask("x", label="a")] * 9 + [ask("y", label="b"), ask("z"), dict(text="no meta")]
    for how in ("over", "under", "weights"): assert sum(k == NONE for k in kinds(balance(rows, how=how)[0])) == 2

@pytest.mark.parametrize("how, codes", [("none", {"label_rare", "labels_unbalanced"}), ("over", {"label_rare"}), ("weights", {"label_rare"})])
def test_what_is_told(how, codes):
    rows = [ask(f"{i}", label="a") for i in range(60)] + [ask(f"b{i}", label="b") for i in range(5)] + [ask(f"c{i}", label="c") for i in range(40)]
    assert {f["code"] for f in balance(rows, how=how, most=20)[2]["findings"]} == codes

def test_answers_are_no_labels(): assert "label_rare" not in [f["code"] for f in balance([ask(str(i), label=f"answer {i}") for i in range(50)])[2]["findings"]]

def test_nothing_to_balance():
    for how in ("none", "over", "under", "weights"): assert balance([], how=how)[0] == [] and balance([ask("x")], how=how)[2]["before"] == {}

@pytest.mark.parametrize("wrong", [dict(how="both"), dict(strength=2), dict(strength=True), dict(most=0), dict(most=1.5), dict(strength=float("nan"))])
def test_wrong_use_is_said(wrong):
    with pytest.raises(Trouble): balance([], **wrong)


# ---- Languages, topics

SENTENCES = dict(en="I have been waiting for my order for two weeks now, please help me.", de="Ich warte schon seit zwei Wochen auf meine Bestellung, bitte helfen Sie mir.", fr="J'attends ma commande depuis deux semaines, aidez-moi s'il vous plaît.",
                 es="Llevo dos semanas esperando mi pedido, por favor ayúdenme.", it="Aspetto il mio ordine da due settimane, per favore aiutatemi.", pl="Czekam na swoje zamówienie już dwa tygodnie, proszę o pomoc.", ru="Я жду свой заказ уже две недели, пожалуйста, помогите.",
                 el="Περιμένω την παραγγελία μου εδώ και δύο εβδομάδες.", ar="أنتظر طلبي منذ أسبوعين، من فضلكم ساعدوني.", he="אני מחכה להזמנה שלי כבר שבועיים, בבקשה עזרו לי.", zh="我的订单已经等了两个星期了，请帮帮我。", ja="注文を二週間も待っています。助けてください。", ko="주문한 지 이 주가 지났는데 아직 오지 않았습니다.", hi="मैं दो सप्ताह से अपने ऑर्डर का इंतज़ार कर रहा हूँ।", th="ฉันรอคำสั่งซื้อของฉันมาสองสัปดาห์แล้ว", vi="Tôi đã chờ đơn hàng của mình hai tuần rồi.", tr="Siparişimi iki haftadır bekliyorum, lütfen yardım edin.")

@pytest.mark.parametrize("code", SENTENCES)
def test_languages_are_told(code):
    got, sure = language(SENTENCES[code])
    assert got == code and 0.3 < sure <= 1  # Spanish shares its sureness with its small relatives

@given(st.text(max_size=60) | st.sampled_from(EVIL))
def test_any_text_has_an_answer(text):
    code, sure = language(text)
    assert isinstance(code, str) and 0 <= sure <= 1

def test_without_the_packages_it_is_said(monkeypatch):
    import ftcourse.data.balance as room
    for name in ("py3langid.langid", "sklearn.cluster"): monkeypatch.setitem(sys.modules, name, None)
    room._identifier.cache_clear()
    for call in (lambda: language("some words"), lambda: topics([ask("a")])):
        with pytest.raises(Trouble) as e: call()
        assert [f.code for f in e.value.findings] == ["package_missing"]
    monkeypatch.undo()
    room._identifier.cache_clear()

def test_topics_are_found_in_any_order():
    words = dict(parcel="parcel delivery late courier tracking arrived", invoice="invoice amount tax billing payment charged", login="password login account reset email locked")
    rng = random.Random(0)
    rows = [ask(" ".join(rng.sample(w.split(), 4)) + f" {i}", true=t) for t, w in words.items() for i in range(40)]
    named = topics(rows, 3)
    assert len(set(named)) == 3 and all(len({n for n, r in zip(named, rows) if r["meta"]["true"] == t}) == 1 for t in words)
    again = rows[:]
    rng.shuffle(again)
    assert dict(zip((r["messages"][0]["content"] for r in again), topics(again, 3))) == dict(zip((r["messages"][0]["content"] for r in rows), named))

def test_topics_of_a_script_without_spaces():
    rows = [ask(f"我的包裹还没有到,快递太慢了{i}") for i in range(15)] + [ask(f"发票金额错误,请更正发票{i}") for i in range(15)]
    named = topics(rows, 2)
    assert len(set(named[:15])) == len(set(named[15:])) == 1 and named[0] != named[-1]

@pytest.mark.parametrize("rows", [[], [ask("")], [ask("!"), ask("?")], [ask("same words")] * 30, [ask("a b")]])
def test_topics_of_next_to_nothing(rows): assert len(topics(rows)) == len(rows)

@pytest.mark.parametrize("k", [1, 101, 2.5, "3"])
def test_wrong_numbers_of_topics(k):
    with pytest.raises(Trouble): topics([ask("a")], k)


# ---- Shown

@pytest.mark.parametrize("text", EVIL)
def test_text_is_text(text):
    report = balance([ask("q", label=text)])[2]
    shown = str(balance_table(report)) + json.dumps(balance_figure(report["before"], report["after"], text))
    assert "<script" not in shown and "<img" not in shown

def test_many_kinds_become_others():
    before = {f"label {i}": 100 - i for i in range(50)}
    figure = balance_figure(before, before)
    assert len(figure["data"][0]["y"]) == BARS + 1 and sum(figure["data"][0]["x"]) == sum(before.values())
    import plotly.graph_objects as go
    assert go.Figure(figure).data[1].name == "after"
