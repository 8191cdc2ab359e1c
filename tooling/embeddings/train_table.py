"""Makes the table: vocabulary, first values, training, and the file for the package."""

import argparse
from pathlib import Path

import numpy as np
from scipy import sparse

import vocabulary
from agreement import Validation
from student import bags, train, unit
from teacher import Teacher
from write_table import write

SEED = 20240517
DIMENSION = 256
EXTRA_WORDS = 7700
SHORT_HELD_BACK, LONG_HELD_BACK = 8000, 3000
TRAINING = {"epochs": 8, "batch": 512, "rate": 0.003, "temperature": 0.1, "relation": 1.0}
NAME = "minilm-l6-v2-static/1"


def projection(vectors: np.ndarray) -> np.ndarray:
    """The directions in which the teacher's vectors lie most (PCA without centring, which keeps cosines)."""
    sample = vectors[np.random.default_rng(SEED).choice(len(vectors), min(len(vectors), 60000), replace=False)].astype(np.float32)
    values, directions = np.linalg.eigh(sample.T @ sample)
    print(f"{DIMENSION} of {len(values)} directions keep {values[::-1][:DIMENSION].sum() / values.sum():.3f}")
    return directions[:, ::-1][:, :DIMENSION].astype(np.float32)


def projected(vectors: np.ndarray, onto: np.ndarray) -> np.ndarray:
    return np.concatenate([unit(vectors[at : at + 50000].astype(np.float32) @ onto).astype(np.float16) for at in range(0, len(vectors), 50000)])


def first_values(alone: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """What the teacher makes of each piece alone, the less the more often it occurs (smooth inverse frequency, Arora et al. 2017)."""
    share = (seen + 1) / seen.sum()
    return (alone * (1e-3 / (1e-3 + share))[:, None]).astype(np.float32)


def settle_unseen(table: np.ndarray, seen: np.ndarray) -> None:
    """Pieces that no text had keep their direction, and get the length of rare ones."""
    rare = np.linalg.norm(table[(seen > 0) & (seen < 20)], axis=1)
    table[seen == 0] = unit(table[seen == 0]) * np.median(rare)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    for name in ("network", "model", "short", "short_vectors", "long", "long_vectors", "out"):
        options.add_argument(name, type=Path)
    given = options.parse_args()
    short, long = (path.read_text("utf8").splitlines() for path in (given.short, given.long))
    short_vectors, long_vectors = np.load(given.short_vectors), np.load(given.long_vectors)

    pieces = vocabulary.pieces(given.model)
    words = vocabulary.frequent_words(vocabulary.tokenizer(pieces), short[:-SHORT_HELD_BACK], EXTRA_WORDS)
    tokenizer = vocabulary.tokenizer([*pieces, *words])
    short_bags, long_bags = bags(tokenizer, short), bags(tokenizer, long)
    validations = [
        Validation("short texts", short_bags[-SHORT_HELD_BACK:], short_vectors[-SHORT_HELD_BACK:], 2000),
        Validation("long texts", long_bags[:LONG_HELD_BACK], long_vectors[:LONG_HELD_BACK], 1000),
    ]
    inputs = sparse.vstack([short_bags[:-SHORT_HELD_BACK], long_bags[LONG_HELD_BACK:]]).tocsr()
    onto = projection(short_vectors)
    targets = np.concatenate([projected(short_vectors[:-SHORT_HELD_BACK], onto), projected(long_vectors[LONG_HELD_BACK:], onto)])
    known = np.flatnonzero(np.diff(inputs.indptr) > 0)
    inputs, targets = inputs[known], targets[known]

    seen = np.asarray((inputs > 0).sum(axis=0)).ravel()
    alone = Teacher(given.network, given.model).embed([piece.removeprefix("##") or piece for piece in [*pieces, *words]])
    table = first_values(alone @ onto, seen)
    report = lambda table: print("  " + ", ".join(validation.report(table) for validation in validations), flush=True)
    report(table)
    train(table, inputs, targets, **TRAINING, seed=SEED, report=report)
    settle_unseen(table, seen)
    write(given.out, [*pieces, *words], table, NAME)
