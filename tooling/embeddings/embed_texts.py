"""Embeds a file of texts, one a line, with the teacher, and keeps the vectors in 16 bits."""

import argparse
from pathlib import Path

import numpy as np

from teacher import Teacher

if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("network", type=Path)
    options.add_argument("model", type=Path)
    options.add_argument("texts", type=Path)
    options.add_argument("out", type=Path)
    given = options.parse_args()
    texts = given.texts.read_text("utf8").splitlines()
    np.save(given.out, Teacher(given.network, given.model).embed(texts).astype(np.float16))
