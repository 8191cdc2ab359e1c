"""Writes the table in the form that `packages/native-index/src/dense/static/table.ts` reads."""

import hashlib
import json
from pathlib import Path

import numpy as np

MAGIC = b"TYSTAT\0\x01"


def quantised(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes of 8 bits with one scale a row; the unknown word's row is nothing."""
    scales = np.abs(table).max(axis=1) / 127
    scales[0] = 0
    codes = np.rint(table / np.maximum(scales, 1e-12)[:, None]).clip(-127, 127).astype(np.int8)
    codes[0] = 0
    return scales.astype("<f4"), codes


def write(path: Path, vocabulary: list[str], table: np.ndarray, model: str) -> None:
    scales, codes = quantised(table)
    names = "\n".join(vocabulary).encode()
    payload = names + scales.tobytes() + codes.tobytes()
    described = {
        "model": model, "dimension": table.shape[1], "rows": table.shape[0], "vocabularyBytes": len(names),
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
    header = json.dumps(described).encode()
    path.write_bytes(MAGIC + len(header).to_bytes(4, "little") + header + payload)
