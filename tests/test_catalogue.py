"""The catalogue of models: every structure is built and counted, every fault of the table is named, no condition is silently ignored, and no token is ever shown."""
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings, strategies as st

from ftcourse import cli
from ftcourse.catalogue import (TABLE, Models, Record, access, amount, catalogue, check, choose, compare_table, config, explain, gated, licence_findings, read_table, record, short, table)
from ftcourse.findings import CODES, Trouble
from ftcourse.plan import USE_CASES

slow = pytest.mark.slow
ALL = catalogue()
REQUIRED = {"smollm2-135m-instruct", "llama-2-7b", "llama-2-13b", "llama-33b", "llama-65b", "llama-2-70b", "mistral-7b-instruct-v0.2"}


def often(n): return settings(max_examples=n, deadline=None, derandomize=True, database=None)


def refused(call, *args, **kw):
    "The findings with which a call ends"
    with pytest.raises(Trouble) as e: call(*args, **kw)
    assert e.value.findings and all(f.code in CODES and f.says and f.fix for f in e.value.findings)
    return e.value.findings


def only(call, *args, **kw):
    found = refused(call, *args, **kw)
    assert len(found) == 1
    return found[0]


# ---- What is in it

def test_it_covers_what_it_should():
    assert len(ALL) >= 45 and REQUIRED <= {m.id for m in ALL}
    assert min(m.parameters for m in ALL) < 136e6 and max(m.parameters for m in ALL) > 70e9
    assert len({m.family for m in ALL}) >= 20 and sum(1 for m in ALL if m.active) >= 5
    assert {m.kind for m in ALL} == {"base", "instruct"} and {m.gated for m in ALL} == {True, False} == {m.code for m in ALL}
    assert {m.licence.commercial for m in ALL} == {"yes", "restricted", "no"}
    assert re.fullmatch(r"20\d\d-\d\d", table().as_of) and all(m.released <= table().as_of for m in ALL)


def test_nothing_is_described_that_no_model_has():
    assert {m.licence.key for m in ALL} == table().licences.keys()
    assert {s for m in ALL for s in m.source} == table().sources.keys()
    assert {m.template for m in ALL} == set(table().templates) and {c for m in ALL for c in m.languages} == table().languages.keys()
    assert set(table().tasks) == set(USE_CASES)


@pytest.mark.parametrize("m", ALL, ids=lambda m: m.id)
def test_a_record(m):
    assert record(m.id) is m is record(m.hub.upper())
    assert m.licence.url.startswith("https://") and "\n" not in m.licence.conditions and m.licence.conditions.endswith(".")
    assert (m.template == "none") == (m.kind == "base")
    assert m.note == "" or m.note.endswith(".")
    if m.checked == "memory": assert "memory" in m.source


def test_the_figures_that_papers_and_cards_give():
    "Llama 2 (arXiv:2307.09288) and LLaMA (arXiv:2302.13971) round; the cards of SmolLM2, gpt-oss (arXiv:2508.10925: 20.91B, 116.83B) and Mixtral (arXiv:2401.04088: 47B, 13B at work) do as well"
    count = lambda id: record(id).parameters
    assert (count("smollm2-135m-instruct"), count("llama-2-7b")) == (134_515_008, 6_738_415_616)
    assert [round(count(i) / 1e9, 1) for i in ("llama-33b", "llama-65b")] == [32.5, 65.3]
    assert [round(count(i) / 1e9, 2) for i in ("gpt-oss-20b", "gpt-oss-120b")] == [20.91, 116.83]
    assert round(count("mixtral-8x7b-instruct") / 1e9) == 47 and round(record("mixtral-8x7b-instruct").active / 1e9) == 13


# ---- Every structure, built without weights

def built(m):
    "The model on the meta device, and its configuration"
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    rest = config(m.id)
    with torch.device("meta"): model = AutoModelForCausalLM.from_config(AutoConfig.for_model(rest.pop("model_type"), **rest))
    text = model.config.get_text_config()
    text.allow_global_per_layer_attribute_access = True  # Gemma 4's layers differ; the record names those of most
    return model, text


def share(text):
    "Share of the experts that work on one token"
    first = lambda *names: next((getattr(text, n) for n in names if getattr(text, n, None)), 0)
    return first("num_experts_per_tok", "top_k_experts") / max(1, first("num_local_experts", "num_experts", "n_routed_experts"))


@pytest.mark.parametrize("m", [pytest.param(m, id=m.id, marks=() if m.id in REQUIRED | {"mixtral-8x7b-instruct", "gpt2"} else slow) for m in ALL])
def test_the_structure_counts_to_the_parameters(m):
    model, text = built(m)
    sizes = {name: p.numel() for name, p in model.named_parameters()}  # tied weights are listed once
    assert sum(sizes.values()) == m.parameters
    assert all(p.is_meta for p in model.parameters())
    working = sum(n * share(text) if ".experts." in name else n for name, n in sizes.items())
    assert m.active == (round(working) if any(".experts." in name for name in sizes) else 0)
    assert (m.layers, m.hidden, m.heads, m.vocabulary) == (text.num_hidden_layers, text.hidden_size, text.num_attention_heads, text.vocab_size)
    if m.config["model_type"] == "falcon": assert m.kv_heads == (text.num_kv_heads if text.new_decoder_architecture else 1)
    else: assert m.kv_heads == (getattr(text, "num_key_value_heads", None) or m.heads)


def beside(m):
    "What old files hold beside the weights, or the copies they hold of them"
    c, width = m.config, m.hidden // m.heads
    masks, tied = m.layers * m.context ** 2, m.vocabulary * m.hidden
    return {"gpt2": masks, "gpt_neox": masks + m.layers * int(width * c.get("rotary_pct", 0)) // 2, "llama": m.layers * width // 2, "qwen3": tied, "falcon": tied,
            "gemma4": m.layers + 2 * c.get("vision_config", {}).get("hidden_size", 0)}.get(c["model_type"])


QWEN35 = {"qwen3.5-0.8b": (12, 768, 3072, 12), "qwen3.5-2b": (24, 1024, 4096, 16), "qwen3.5-4b": (24, 1024, 4096, 16), "qwen3.5-9b": (27, 1152, 4304, 16), "qwen3.5-27b": (27, 1152, 4304, 16)}


def second_head(m):
    "Numbers in a layer of full attention with a gate, its norms, and the projection that joins it: the head that predicts the token after next"
    h, i, q, kv, d = m.hidden, m.config["intermediate_size"], m.heads, m.kv_heads, m.config["head_dim"]
    return 3 * q * d * h + 2 * kv * d * h + 2 * d + 3 * h * i + 2 * h + 2 * h * h + 3 * h


@pytest.mark.parametrize("m", [m for m in ALL if m.in_files != m.parameters], ids=lambda m: m.id)
def test_what_the_files_hold_beside_the_weights_is_explained(m):
    rest = m.in_files - m.parameters
    if m.family != "Qwen3.5": assert rest == beside(m); return
    if m.id not in QWEN35: assert rest > 0 and m.more; return  # a mixture: its second head is one as well
    import torch
    from transformers.models.qwen3_5.configuration_qwen3_5 import Qwen3_5VisionConfig
    from transformers.models.qwen3_5.modeling_qwen3_5 import Qwen3_5VisionModel
    depth, hidden, wide, heads = QWEN35[m.id]
    with torch.device("meta"): tower = Qwen3_5VisionModel(Qwen3_5VisionConfig(depth=depth, hidden_size=hidden, intermediate_size=wide, num_heads=heads, out_hidden_size=m.hidden, num_position_embeddings=2304, patch_size=16))
    assert rest == second_head(m) + sum(p.numel() for p in tower.parameters())


# ---- The file

RAW = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def small(**changes):
    "A table of two models, as plain values"
    raw = deepcopy({k: v for k, v in RAW.items() if k != "language_lists"})
    raw["models"] = [m for m in raw["models"] if m["id"] in ("smollm2-135m-instruct", "llama-2-7b")]
    raw["licences"], raw["languages"] = {k: raw["licences"][k] for k in ("apache-2.0", "mit", "llama-2")}, {"en": "English"}
    raw["models"][0] |= changes
    return raw


def written(tmp_path, raw):
    path = tmp_path/"models.yaml"
    path.write_text(raw if isinstance(raw, str) else yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    return path


def test_a_small_table_loads(tmp_path):
    t = read_table(written(tmp_path, small()))
    assert [m.id for m in t.models] == ["smollm2-135m-instruct", "llama-2-7b"] and t.models[0].config == record("smollm2-135m-instruct").config


@pytest.mark.parametrize("changes, said", [
    (dict(licens="mit"), "no field 'licens'"), (dict(id="llama-2-7b"), "stands in the table twice"), (dict(hub="meta-llama/LLAMA-2-7b-hf"), "stands in the table twice"), (dict(code="maybe"), "true or false"), (dict(code=1), "true or false"),
    (dict(parameters="134M"), "whole number"), (dict(parameters=-1), "whole number"), (dict(parameters=True), "whole number"), (dict(parameters=1.5), "whole number"), (dict(languages="en"), "a list"), (dict(languages=["klingon"]), "not described"),
    (dict(languages=[]), "not described"), (dict(languages=[[1]]), "not described"), (dict(licence="wtf"), "'wtf' is not described"), (dict(licence=["mit"]), "is not described"), (dict(kind="chat"), "kind"), (dict(template="chatlm"), "template"), (dict(released="2024"), "year and a month"),
    (dict(released="2024-13"), "year and a month"), (dict(checked="surely"), "checked"), (dict(source=["hearsay"]), "not described"), (dict(config=[]), "a mapping"), (dict(config={}), "model_type"), (dict(shape=None), "shape"), (dict(shape={"layers": 3}), "shape"),
    (dict(in_files=1), "in_files"), (dict(more="what?"), "in_files"), (dict(in_files=200_000_000), "in_files"), (dict(active=134_515_008), "weights work"), (dict(id="SmolLM2"), "lower case"), (dict(hub="SmolLM2"), "owner/name"),
    (dict(shape=dict(layers=30, hidden=576, heads=8, kv_heads=3, context=8192, vocabulary=49152)), "divide"), (dict(shape=dict(layers=0, hidden=576, heads=9, kv_heads=3, context=8192, vocabulary=49152)), "whole number")], ids=lambda x: str(x)[:40])
def test_a_fault_in_a_record_is_named(tmp_path, changes, said):
    found = refused(read_table, written(tmp_path, small(**changes)))
    assert {f.code for f in found} == {"catalogue_broken"} and any(said in f.says for f in found) and all("models.yaml" in f.where for f in found)


@pytest.mark.parametrize("field", [k for k in RAW["models"][0] if k not in ("more", "shape")])
def test_a_missing_field_is_named(tmp_path, field):
    raw = small()
    del raw["models"][0][field]
    assert field in str(refused(read_table, written(tmp_path, raw)))


@pytest.mark.parametrize("change, said", [
    (lambda r: r.pop("models"), "models"), (lambda r: r.update(schema=2), "schema"), (lambda r: r.update(modells=[]), "no section"), (lambda r: r.update(licences=[]), "licences"), (lambda r: r["licences"]["mit"].update(commercial="often"), "often"),
    (lambda r: r["licences"]["mit"].pop("url"), "'url' is missing"), (lambda r: r["licences"].update(mit="free"), "not a mapping"), (lambda r: r["models"].append("gpt-5"), "entry 3"), (lambda r: r["contrasts"]["kind"]["rows"].append(["one"]), "two sides"),
    (lambda r: r["contrasts"]["kind"].update(sides=["a"]), "two sides")], ids=range(10))
def test_a_fault_in_the_rest_is_named(tmp_path, change, said):
    raw = small()
    change(raw)
    assert said in str(refused(read_table, written(tmp_path, raw)))


def test_all_faults_are_said_at_once(tmp_path):
    raw = small(kind="chat", released="soon")
    raw["models"][1]["licence"] = "wtf"
    assert len(refused(read_table, written(tmp_path, raw))) == 3


@pytest.mark.parametrize("text", ["", "- a\n", "schema: 1", "schema: 1\nschema: 1", "a: [", "\tx", "schema: 1\nmodels: !!python/object:os.system {}", "\0"], ids=repr)
def test_a_file_that_is_no_table(tmp_path, text): assert {f.code for f in refused(read_table, written(tmp_path, text))} == {"catalogue_broken"}


def test_a_table_that_is_not_there(tmp_path): assert only(read_table, tmp_path/"none.yaml").code == "catalogue_broken"


JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)


@slow
@pytest.mark.parametrize("field", [*RAW["models"][0], "note", "active"])
@given(value=JUNK)
@often(20)
def test_whatever_stands_in_a_field_it_loads_or_is_a_finding(tmp_path_factory, field, value):
    path = written(tmp_path_factory.mktemp("t"), small(**{field: value}))
    try: assert all(isinstance(m, Record) for m in read_table(path).models)
    except Trouble as e: assert {f.code for f in e.findings} == {"catalogue_broken"}


# ---- Choosing

@pytest.mark.parametrize("wanted, holds", [
    (dict(licence="mit"), lambda m: m.licence.key == "mit"), (dict(licence="APACHE-2.0"), lambda m: m.licence.key == "apache-2.0"), (dict(licence="Gemma terms of use"), lambda m: m.licence.key == "gemma"), (dict(licence=["mit", "qwen"]), lambda m: m.licence.key in ("mit", "qwen")),
    (dict(commercial=True), lambda m: m.licence.commercial != "no"), (dict(language="de"), lambda m: "de" in m.languages), (dict(language="german"), lambda m: "de" in m.languages), (dict(min_context=32768), lambda m: m.context >= 32768),
    (dict(min_context="128k"), lambda m: m.context >= 128_000), (dict(code=True), lambda m: m.code), (dict(code=False), lambda m: not m.code), (dict(kind="base"), lambda m: m.kind == "base"), (dict(gated=False), lambda m: not m.gated), (dict(gated=True), lambda m: m.gated),
    (dict(max_parameters="1.5B"), lambda m: m.parameters <= 1.5e9), (dict(task="chat"), lambda m: m.kind == "instruct"), (dict(task="code"), lambda m: m.code), (dict(task="legal"), lambda m: m.kind == "instruct" and m.context >= 8192),
    (dict(task="chat", kind="base"), lambda m: m.kind == "base"), (dict(task="custom"), lambda m: True), (dict(), lambda m: True), (dict(memory_fits=lambda m: m.layers > 60), lambda m: m.layers > 60)], ids=lambda v: "holds" if callable(v) else " ".join(map(str, v)) + " " + " ".join(str(x) for x in v.values() if not callable(x)))
def test_each_condition_alone(wanted, holds):
    found = choose(**wanted)
    assert isinstance(found, Models) and found and set(map(id, found)) == {id(m) for m in ALL if holds(m)}
    assert [m.parameters for m in found] == sorted(m.parameters for m in found)


CONDITIONS = st.fixed_dictionaries({}, optional=dict(
    licence=st.sampled_from(["mit", "apache-2.0", "llama-3.1", "gemma"]), commercial=st.booleans(), language=st.sampled_from(["en", "fr", "Korean", "sw"]), min_context=st.integers(1, 300_000), code=st.booleans(), kind=st.sampled_from(["base", "instruct"]),
    gated=st.booleans(), max_parameters=st.integers(1, 200_000_000_000), memory_fits=st.just(lambda m: m.parameters % 3)))


@given(CONDITIONS)
@often(150)
def test_conditions_together_are_each_met(wanted):
    each = [set(map(id, choose(**{k: v}))) for k, v in wanted.items()]
    assert set(map(id, choose(**wanted))) == set.intersection({id(m) for m in ALL}, *each)


@pytest.mark.parametrize("wanted", [
    dict(licence="apache"), dict(licence=""), dict(licence="mit,"), dict(licence=[7]), dict(language="xx"), dict(language=""), dict(language=3), dict(min_context=-5), dict(min_context="far"), dict(min_context=0), dict(min_context=1.5), dict(kind="chat"), dict(kind=True),
    dict(max_parameters="abc"), dict(max_parameters=-1), dict(max_parameters="8G"), dict(max_parameters="9" * 400), dict(task="poetry"), dict(task=1), dict(commercial="yes"), dict(code="python"), dict(gated=2)], ids=str)
def test_a_condition_that_means_nothing(wanted):
    f = only(choose, **wanted)
    assert f.code == "wrong_use" and f.where == next(iter(wanted)) and len(f.says) < 300


@given(st.one_of(st.text(max_size=12), st.integers(), st.floats(), st.none(), st.binary(max_size=3)))
@often(300)
@example("1" * 20 + "T")
@example("²")
@example("१B")
def test_amount_takes_a_count_or_refuses(value):
    try: assert amount(value) >= 1
    except Trouble as e: assert [f.code for f in e.findings] == ["wrong_use"]


@given(st.integers(1, 10**14))
@often(300)
def test_a_short_count_is_read_back(n):
    said = short(n)
    assert len(said) <= 5 and abs(amount(said) - n) <= 0.005 * n


def test_what_a_caller_does_to_a_list_stays_with_the_caller():
    catalogue().clear()
    choose().pop()
    config("gpt2")["n_layer"] = 0
    assert len(catalogue()) == len(ALL) and config("gpt2")["n_layer"] == 12
    with pytest.raises(AttributeError): ALL[0].parameters = 1


# ---- Licences

@pytest.mark.parametrize("commercial", [True, False])
@pytest.mark.parametrize("redistribute", [True, False])
def test_every_licence_says_what_it_must(commercial, redistribute):
    for m in ALL:
        l, found = m.licence, licence_findings(m, commercial, redistribute)
        sides = [side for side, meant in ((l.commercial, commercial), (l.redistribution, redistribute)) if meant]
        wants = ["licence_forbids"] if "no" in sides else ["licence_restricted"] if "restricted" in sides or l.commercial == "no" else []
        assert [f.code for f in found] == wants
        for f in found: assert f.where == m.id and l.conditions in f.says and l.url in f.fix and "\n" not in str(f) and f.severity == CODES[f.code].severity


@pytest.mark.parametrize("id, words", [("llama-3.1-8b", "700 million"), ("llama-3.3-70b-instruct", "begins with Llama"), ("gemma-2-9b-it", "prohibited use policy"), ("qwen2.5-72b-instruct", "100 million"), ("falcon3-7b-instruct", "Falcon LLM technology"),
                                       ("deepseek-r1-distill-llama-8b", "Llama 3.1")])
def test_conditions_worth_knowing(id, words):
    f, = licence_findings(record(id), True, True)
    assert f.code == "licence_restricted" and words in f.says


@pytest.mark.parametrize("id", ["command-r7b", "llama-33b", "llama-65b", "qwen2.5-3b-instruct", "exaone-4.0-32b"])
def test_not_for_business(id):
    f, = licence_findings(record(id), True, False)
    assert f.code == "licence_forbids" and f.severity == "fatal" and record(id) not in choose(commercial=True)


# ---- Configs

def saved(folder, raw):
    folder.mkdir(parents=True, exist_ok=True)
    (folder/"config.json").write_text(raw if isinstance(raw, str) else json.dumps(raw))
    return folder


@pytest.mark.parametrize("m", ALL, ids=lambda m: m.id)
def test_a_saved_config_is_complete_and_the_record_agrees(m, tmp_path):
    saved(tmp_path, m.config)
    assert config(str(tmp_path)) == m.config == config(m.hub) and check(m, tmp_path) == []


@pytest.mark.parametrize("id", ["llama-2-7b", "gpt2", "falcon-40b", "gpt-oss-20b", "phi-4", "qwen3.5-9b"])
def test_a_gap_is_named(id, tmp_path):
    whole = config(id)
    for key in ("model_type", *{"hidden_size", "n_embd", "num_hidden_layers", "n_layer", "num_attention_heads", "n_head", "vocab_size"} & whole.keys()):
        f = only(config, saved(tmp_path, {k: v for k, v in whole.items() if k != key}))
        assert f.code == "config_incomplete" and key in f.says and "config.json" in f.where
        for wrong in ("32", -1, 0, None, True, 1.5, [], {}) if key != "model_type" else (3, "", None): assert key in only(config, saved(tmp_path, whole | {key: wrong})).says


def test_a_model_of_two_parts_leans_on_its_classes_defaults(tmp_path):
    inner = dict(model_type="gemma3_text", hidden_size=2560, num_hidden_layers=34)  # gemma-3-4b names neither heads nor vocabulary
    assert config(saved(tmp_path, dict(model_type="gemma3", text_config=inner)))["text_config"] == inner
    assert "num_hidden_layers" in only(config, saved(tmp_path, dict(model_type="gemma3", text_config=dict(hidden_size=2560)))).says


def test_a_type_the_catalogue_does_not_hold(tmp_path):
    assert config(saved(tmp_path, dict(model_type="mamba", hidden_size=768, num_hidden_layers=24, vocab_size=50280)))["model_type"] == "mamba"
    assert "hidden_size" in only(config, saved(tmp_path, dict(model_type="mamba", num_hidden_layers=24, vocab_size=50280))).says


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "[" * 100_000, '{"model_type": "llama"', "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1")], ids=lambda t: repr(t)[:20])
def test_a_file_that_is_no_config(text, tmp_path): assert only(config, saved(tmp_path, text)).code == "config_incomplete"


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path/"config.json").write_bytes(b"\xff\xfe{")
    assert only(config, tmp_path).code == "config_incomplete"


@pytest.mark.parametrize("id, near", [("lama-2-7b", "llama-2-7b"), ("smollm2-135m-instuct", "smollm2-135m-instruct"), ("mistral-7b", "mistral-7b"), ("Qwen/Qwen3-8B-Bas", "Qwen/Qwen3-8B-Base"), ("QWEN3_8B", "qwen3-8b")])
def test_an_unknown_id_names_the_nearest(id, near):
    f = only(config, id, fetch=False)
    assert f.code == "model_unknown" and near in f.fix and "ftcourse models" in f.fix


@given(st.text(max_size=40) | st.none() | st.integers() | st.sampled_from(["", " ", "\0", "a" * 5000, "../..", "/", "~", "a/b/c", "-x/y", "a//b", "https://huggingface.co/gpt2", "<script>", "a/\u202eb", "\ud83d"]))
@often(200)
def test_any_id_is_known_or_a_finding(id):
    try: assert config(id, fetch=False)["model_type"]
    except Trouble as e: assert [f.code for f in e.findings] == ["model_unknown"] and len(str(e)) < 1000


def test_a_folder_comes_before_the_catalogue_as_it_would_be_loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path/"llama-2-7b", config("gpt2"))
    saved(tmp_path/"smollm2-135m-instruct", config("gpt2"))
    (tmp_path/"phi-4").mkdir()
    assert config("llama-2-7b")["model_type"] == "gpt2" and config("phi-4")["model_type"] == "phi3"
    assert config("smollm2-135m-instruct")["model_type"] == "llama", "`models.resolve` takes the embedded model, whatever lies here"
    (tmp_path/"empty").mkdir()
    assert "no config.json" in only(config, "empty").says


@slow
def test_the_embedded_model_is_what_its_record_says(tmp_path):
    from ftcourse.models import embedded
    folder = embedded()
    assert check(record("smollm2-135m-instruct"), folder) == []
    real = json.loads((folder/"config.json").read_text())
    changed = check(record("smollm2-135m-instruct"), saved(tmp_path, real | dict(num_hidden_layers=29, vocab_size=50000)))
    assert {f.where.split(", ")[-1] for f in changed} == {"num_hidden_layers", "vocab_size"} and {(f.code, f.severity) for f in changed} == {("catalogue_differs", "warning")}


def test_a_text_model_is_held_against_the_text_part_of_its_file(tmp_path):
    m = record("qwen3.5-9b")
    saved(tmp_path, dict(model_type="qwen3_5", text_config=m.config, vision_config={}))
    assert check(m, tmp_path) == []
    saved(tmp_path, dict(model_type="qwen3_5", text_config=m.config | dict(num_hidden_layers=31), vision_config={}))
    assert [f.where for f in check(m, tmp_path)] == [f"{tmp_path}, num_hidden_layers"]
    g = record("gemma-3-4b-it")
    saved(tmp_path, g.config | dict(vision_config=g.config["vision_config"] | dict(hidden_size=1)))
    assert [f.where.split(", ")[-1] for f in check(g, tmp_path)] == ["vision_config.hidden_size"]


# ---- The hub: its cache, its gate, and a hub that answers from this machine

@pytest.fixture
def no_token(monkeypatch, tmp_path):
    from huggingface_hub import constants
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"): monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path/"token"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path/"hub"))
    return tmp_path


def in_cache(root, hub, raw):
    folder = root/"hub"/f"models--{hub.replace('/', '--')}"
    saved(folder/"snapshots"/("a" * 40), raw)
    (folder/"refs").mkdir()
    (folder/"refs"/"main").write_text("a" * 40)


def test_a_gated_model_needs_files_or_a_token(no_token, monkeypatch):
    f, = access("llama-2-7b")
    assert f.code == "model_gated" and "https://huggingface.co/meta-llama/Llama-2-7b-hf" in f.fix and "hf auth login" in f.fix
    assert access("phi-4") == [] == access("no-such") and access(record("llama-2-7b")) == [f]
    assert [m.id for m in ALL if access(m)] == [m.id for m in ALL if m.gated]
    monkeypatch.setenv("HF_TOKEN", "hf_secretsecret")
    assert access("llama-2-7b") == [] and "secret" not in str(gated("a/b"))
    monkeypatch.delenv("HF_TOKEN")
    (no_token/"token").write_text("hf_secretsecret")
    assert access("llama-2-7b") == [] and "secret" not in str(gated("a/b")) and "not been granted" in gated("a/b").says
    (no_token/"token").unlink()
    in_cache(no_token, "meta-llama/Llama-2-7b-hf", config("llama-2-7b"))
    assert access("llama-2-7b") == []


def test_a_model_in_the_cache(no_token):
    in_cache(no_token, "acme/tiny", config("gpt2") | dict(n_layer=2))
    assert config("acme/tiny", fetch=False)["n_layer"] == 2
    in_cache(no_token, "acme/torn", "{")
    assert only(config, "acme/torn").code == "config_incomplete"
    assert "not to be asked" in only(config, "acme/none", fetch=False).says and "can't be reached" in only(config, "acme/none").says  # tests are offline


class Hub(http.server.BaseHTTPRequestHandler):
    "What the hub's own client asks of it, and how the hub answers"
    def do_HEAD(self): self.answer(False)
    def do_GET(self): self.answer(True)
    def log_message(self, *args): pass
    def answer(self, body):
        code, error = {"gated": (401, "GatedRepo"), "missing": (401, "RepoNotFound"), "ggufonly": (404, "EntryNotFound"), "broken": (418, "")}.get((self.path.split("/") + [""] * 3)[2], (200, ""))
        text = json.dumps(config("gpt2") | dict(n_layer=3)).encode() if code == 200 else b""
        self.send_response(code)
        for name, value in {"Content-Length": str(len(text)), "X-Repo-Commit": "b" * 40, "ETag": '"e"', **({"X-Error-Code": error} if error else {})}.items(): self.send_header(name, value)
        self.end_headers()
        if body: self.wfile.write(text)


@pytest.fixture
def hub():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


ASK = """import json, sys
from ftcourse.catalogue import config
from ftcourse.findings import Trouble
out = {}
for id in sys.argv[1:]:
    try: out[id] = config(id)["n_layer"]
    except Trouble as e: out[id] = [f.code for f in e.findings]
print(json.dumps(out))"""


def asked(endpoint, home, *ids, **more):
    hidden = {"HF_HUB_OFFLINE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_CACHE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}
    env = {k: v for k, v in os.environ.items() if k not in hidden} | dict(HF_ENDPOINT=endpoint, HF_HOME=str(home), HF_HUB_DISABLE_XET="1", NO_PROXY="127.0.0.1", **more)
    done = subprocess.run([sys.executable, "-c", ASK, *ids], env=env, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stdout + done.stderr


def test_the_hub_answers(hub, tmp_path):
    got, said = asked(hub, tmp_path, "acme/good", "acme/gated", "acme/missing", "acme/ggufonly", "acme/broken", HF_TOKEN="hf_secretsecret")
    assert got == {"acme/good": 3, "acme/gated": ["model_gated"], "acme/missing": ["model_unknown"], "acme/ggufonly": ["config_incomplete"], "acme/broken": ["model_unknown"]}
    assert "secret" not in said and "Traceback" not in said
    assert asked("http://127.0.0.1:9", tmp_path, "acme/good", "acme/other")[0] == {"acme/good": 3, "acme/other": ["model_unknown"]}, "what was fetched once is there without a network"


# ---- What is shown

EVIL = "<img src=x onerror=alert(1)> | `a` **b**"


def test_text_stays_text(tmp_path):
    t = read_table(written(tmp_path, small(note=EVIL)))
    shown = t.models[0]._repr_markdown_()
    assert "<" not in shown and "onerror" in shown and "`a`" not in shown
    f = only(compare_table, [EVIL])
    assert f.code == "model_unknown" and "<img" not in f._repr_markdown_()


def test_side_by_side():
    ids = ["llama-2-7b", "Qwen/Qwen3-8B", record("gpt2")]
    md = compare_table(ids)._repr_markdown_().split("\n")
    assert {line.count("|") for line in md} == {5} and "llama-2-7b" in md[0] and "6,738,415,616" in md[2]
    assert "phi-4" in str(compare_table(["phi-4"])) and compare_table(["phi-4"])._repr_markdown_() == record("phi-4")._repr_markdown_()
    assert len(refused(compare_table, ["no-such-1", "gpt2", "no-such-2"])) == 2


def test_lists_as_tables():
    assert choose(max_parameters=1)._repr_markdown_() == "*No model.*"
    lines = choose(kind="base").text().split("\n")
    assert len(lines) == 1 + len(choose(kind="base")) and lines[0].split()[0] == "model"
    assert {line.count("|") for line in choose()._repr_markdown_().split("\n")} == {len(Models.HEAD) + 1}


def test_choices_are_explained():
    for name in ("access", "kind"):
        c = explain(name)
        assert len(c.sides) == 2 and len(c.rows) >= 5 and {line.count("|") for line in c._repr_markdown_().split("\n")} == {4}
    assert only(explain, "vibes").code == "wrong_use"


# ---- The command

def said(capsys, *args):
    code = cli.main(["models", *args])
    return code, *capsys.readouterr()


def test_the_command_lists(capsys):
    code, out, err = said(capsys, "--kind", "instruct", "--max-parameters", "2B", "--language", "French", "--commercial")
    assert code == 0 and err == "" and "qwen3-1.7b" in out and "qwen2.5-3b-instruct" not in out and f"of {len(ALL)} models" in out and table().as_of in out
    assert max(map(len, out.split("\n"))) < 150


def test_the_command_in_json(capsys):
    code, out, err = said(capsys, "--json", "--licence", "mit,apache-2.0", "--code", "--context", "32k")
    got = json.loads(out)
    assert code == 0 and err == "" and got["n"] == len(got["models"]) == len(choose(licence=["mit", "apache-2.0"], code=True, min_context=32_000)) and got["as_of"] == table().as_of
    assert got["models"][0]["licence"].keys() >= {"key", "commercial", "redistribution", "conditions", "url"} and got["models"][0]["config"]["model_type"]


def test_the_command_with_nothing_found(capsys):
    code, out, _ = said(capsys, "--max-parameters", "1")
    assert code == 0 and out.startswith("0 of ") and json.loads(said(capsys, "--max-parameters", "1", "--json")[1])["models"] == []


@pytest.mark.parametrize("option, value", [("--max-parameters", "abc"), ("--context", "-5"), ("--context", "0"), ("--licence", "apache"), ("--language", "Klingon"), ("--kind", "chat")])
def test_the_command_refuses_by_the_options_name(option, value, capsys):
    code, out, err = said(capsys, option, value, "--json")
    found, = json.loads(out)["findings"]
    assert code == 2 and found["code"] == "wrong_use" and found["where"] == option and found["fix"] and option in err


def test_nothing_heavy_is_loaded():
    code = ("import sys; from ftcourse.catalogue import choose, licence_findings, config; config('llama-2-7b'); [licence_findings(m, True, True) for m in choose(task='code')];"
            "print([m for m in ('torch', 'transformers', 'huggingface_hub', 'plotly', 'pandas', 'ipywidgets') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"


@slow
def test_the_command_asks_the_memory_room(capsys):
    code, out, err = said(capsys, "--fits", "24GB", "--max-parameters", "140M", "--json")
    assert code == 0 and [m["id"] for m in json.loads(out)["models"]] == ["gpt2", "smollm2-135m", "smollm2-135m-instruct"] and "3/3" in err
    assert said(capsys, "--fits", "0.1GB", "--max-parameters", "140M", "--json")[1].startswith('{"models": []')
    code, out, err = said(capsys, "--fits", "potato", "--json")
    assert code in (1, 2) and json.loads(out)["findings"] and "Traceback" not in err


def test_a_run_is_not_made_for_a_use_that_the_licence_forbids(tmp_path):
    "The use stands in the plan, and what the licence excludes stops the run before its folder is made"
    from ftcourse import Plan, new
    closed = next(m for m in table().models if m.licence.commercial == "no")
    plan = Plan()
    plan.model.id, plan.model.commercial = closed.id, True
    with pytest.raises(Trouble) as e: new("x", plan, tmp_path)
    assert [f.code for f in e.value.findings] == ["licence_forbids"] and not (tmp_path/"x").exists()
    plan.model.commercial = False
    with pytest.raises(Trouble) as e: new("x", plan, tmp_path)
    assert [f.code for f in e.value.findings] == ["file_missing"], "without commercial use only the data is missing"
