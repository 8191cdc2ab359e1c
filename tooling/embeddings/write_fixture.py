"""Writes what the original tokenizer makes of many texts, for the test of the one in TypeScript.

A text is a fragment, or several of them put together as a linear congruential generator says, which the test runs too. Of the latter only
a digest of the numbers is kept.
"""

import argparse
import hashlib
import json
import random
from pathlib import Path

import texts_wordnet
import vocabulary
from read_table import vocabulary_of

COUNT = 3000
JOINTS = ["", " ", "-", "_", ". ", "\n", "/", "\u00a0", "('", "\u2014", "\u200b", "\u0301"]
ODD = [
    "", " ", "\t\r\n", "Ünïcödé", "naïve CAFÉ", "cafe\u0301", "北京", "日本語テキスト", "カタカナ", "한국어", "Привет, мир", "ελληνικά ΟΔΟΣ", "Σ", "İstanbul",
    "ß", "straße", "ﬁne", "①②", "½ cup", "x²", "Å", "ﷺ", "हिन्दी", "שלום", "مرحبا", "ไทย", "𝒜𝓁𝒾𝒸𝑒", "👍", "🚀launch🚀", "👨\u200d👩\u200d👧", "soft\u00adhyphen", "zero\u200bwidth",
    "bell\u0007", "nul\u0000byte", "repl\ufffdaced", "line\u2028separator", "\u3000wide space", "em—dash", "“quoted”", "don't", "it’s", "C++", "C#", ".NET", "$5.00",
    "50%", "user@example.com", "https://example.com/a?b=c&d=e", "2024-05-17T12:00:00Z", "192.168.0.1", "camelCaseName", "snake_case_name", "SCREAMING_CASE", "kebab-case",
    "HTTPServer2", "a" * 99, "b" * 100, "c" * 101, "é" * 100, "𐐷" * 60, "𠀀" * 3, "...", "!?", "[UNK]", "[CLS]", "##ing", "# #", "`code`", "{json: [1, 2]}", "<b>bold</b>",
    "\\n", "^~|", "€100", "№5", "™", "“", "、。", "¿Qué?", "…", "‰", "ａｂｃ", "ǅ", "ŉ", "ẞ", "\u0130", "ı", "K", "kubernetes", "unbelievableness", "e\u0323\u0301",
]


def fragments(wordnet: Path) -> list[str]:
    pool = sorted({text for text in texts_wordnet.texts(wordnet) if len(text) < 40})
    return [*ODD, *random.Random(1).sample(pool, 250)]


def composed(parts: list[str], count: int) -> list[str]:
    state, out = 1, []

    def draw(below: int) -> int:
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 16) % below

    for _ in range(count):
        text = parts[draw(len(parts))]
        for _ in range(1 + draw(4)):
            text += JOINTS[draw(len(JOINTS))] + parts[draw(len(parts))]
        out.append(text)
    return out


def digest(ids: list[int]) -> str:
    return hashlib.sha256(" ".join(map(str, ids)).encode()).hexdigest()[:6]


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("wordnet", type=Path)
    options.add_argument("table", type=Path)
    options.add_argument("out", type=Path)
    given = options.parse_args()
    tokenizer = vocabulary.tokenizer(vocabulary_of(given.table))
    parts = fragments(given.wordnet)
    ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    written = {
        "joints": JOINTS,
        "fragments": [[part, ids(part)] for part in parts],
        "composed": "".join(digest(ids(text)) for text in composed(parts, COUNT)),
    }
    given.out.write_text(json.dumps(written, ensure_ascii=True, separators=(",", ":")) + "\n", "utf8")
