"""Chat templates of many families, each with a tokenizer that knows its special tokens: those TRL ships, and those in tests/templates."""
import re
from pathlib import Path

from tokenizers import AddedToken

from tests.tiny import tiny_tokenizer

HERE = Path(__file__).parent/"templates"
SPECIAL = re.compile(r"<\|[^|<>{}\s]{1,40}\|>|<｜[^｜<>{}\s]{1,40}｜>|<(?:start|end)_of_(?:turn|image|role|text|utterance)>|<turn\|>|<\|turn>|</?s>|<eos>|<bos>|\[/?INST\]|\[/?(?:AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS|SYSTEM_PROMPT|TOOL_CONTENT|ARGS|CALL_ID)\]|\[gMASK\]|<sop>"
                     r"|<seed:(?:bos|eos)>|<end_of_utterance>|\[e~\[|\]~b\]|\]~!b\[|<SPECIAL_\d+>|<\|(?:tool_call|channel|think|tool_response)>|<(?:tool_call|channel|tool_response)\|>|<sep>|</?(?:assistant|user|system)>|<(?:beginning|end)_of_sentence>")
ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<turn|>", "<｜end▁of▁sentence｜>", "<|return|>", "<|end_of_msg|>", "<|END_OF_TURN_TOKEN|>", "<|end|>", "<seed:eos>", "[e~[", "<|end_of_text|>", "<end_of_utterance>", "</s>", "<eos>", "<|endoftext|>")


def family_tokenizer(template, eos=None):
    "Bytes, and whatever the template writes as tokens of their own; the end of sequence is the one that the text speaks of"
    t = tiny_tokenizer()
    names = sorted({m[0] for m in SPECIAL.finditer(template)})
    eos = eos or next((e for e in ENDS if e in names), "</s>" if "eos_token" in template else "<|endoftext|>")
    t.add_tokens([AddedToken(n, special=True, normalized=False) for n in dict.fromkeys([*names, eos, "<s>" if "bos_token" in template else eos])], special_tokens=True)
    t.eos_token, t.bos_token = eos, "<s>" if "bos_token" in template else None
    t.pad_token = "<|endoftext|>"
    t.chat_template = template
    return t


def trl_templates():
    "name -> text"
    import trl
    return {p.stem: p.read_text(encoding="utf-8") for p in sorted((Path(trl.__file__).parent/"chat_templates").glob("*.jinja"))}


def kept_templates(): return {p.stem: p.read_text(encoding="utf-8") for p in sorted(HERE.glob("*.jinja"))}
