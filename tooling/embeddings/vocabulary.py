"""The student's vocabulary: the teacher's WordPiece without what is never used, and frequent whole words that it would cut to pieces."""

import json
from collections import Counter
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

UNKNOWN = "[UNK]"


def pieces(model: Path) -> list[str]:
    """The teacher's pieces in their order, `[UNK]` first, the other special and the unused ones left out."""
    vocabulary = json.loads((model / "tokenizer.json").read_text("utf8"))["model"]["vocab"]
    kept = [piece for piece in sorted(vocabulary, key=vocabulary.get) if not (piece.startswith("[") and piece.endswith("]") and len(piece) > 1)]
    return [UNKNOWN, *kept]


def tokenizer(vocabulary: list[str]) -> Tokenizer:
    made = Tokenizer(WordPiece({piece: i for i, piece in enumerate(vocabulary)}, unk_token=UNKNOWN, max_input_chars_per_word=100))
    made.normalizer = BertNormalizer(lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    return made


NOT_WORDS = {"noqa"}


def frequent_words(base: Tokenizer, texts: list[str], most: int) -> list[str]:
    """Words of 4 to 14 letters that the base vocabulary cuts, most frequent first; one occurrence a text counts."""
    normalise, split = base.normalizer.normalize_str, base.pre_tokenizer.pre_tokenize_str
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word for word, _ in split(normalise(text))})
    known = base.get_vocab()
    cut = [(n, w) for w, n in counts.items() if w not in known and w not in NOT_WORDS and 4 <= len(w) <= 14 and w.isascii() and w.isalpha()]
    return [word for _, word in sorted(cut, key=lambda pair: (-pair[0], pair[1]))[:most]]
