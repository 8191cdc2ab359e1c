"""Embeds texts with the teacher. A batch holds texts of one length in tokens, so that nothing is padded."""

from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

DIMENSION = 384


class Teacher:
    def __init__(self, network: Path, model: Path, most_tokens: int = 256) -> None:
        self.session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(most_tokens)

    def embed(self, texts: list[str], tokens_a_batch: int = 4096) -> np.ndarray:
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.zeros((len(ids), DIMENSION), np.float32)
        at = 0
        while at < len(order):
            length = len(ids[order[at]])
            end = at + 1
            while end < len(order) and end - at < tokens_a_batch // length and len(ids[order[end]]) == length:
                end += 1
            out[order[at:end]] = self.session.run(None, {"ids": np.array([ids[i] for i in order[at:end]], np.int64)})[0]
            at = end
        return out
