"""Reads a written table again."""

import json
from pathlib import Path

import numpy as np

from write_table import MAGIC


def parts(path: Path) -> tuple[dict, list[str], np.ndarray]:
    data = path.read_bytes()
    at = len(MAGIC) + 4
    start = at + int.from_bytes(data[len(MAGIC) : at], "little")
    header = json.loads(data[at:start])
    rows, dimension, names = header["rows"], header["dimension"], header["vocabularyBytes"]
    scales = np.frombuffer(data, "<f4", rows, start + names)
    codes = np.frombuffer(data, np.int8, rows * dimension, start + names + rows * 4).reshape(rows, dimension)
    return header, data[start : start + names].decode().split("\n"), codes * scales[:, None]


def vocabulary_of(path: Path) -> list[str]:
    return parts(path)[1]
