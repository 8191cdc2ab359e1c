"""Tunes the table with requests and the tools that serve them: a request is drawn towards its tool, and away from the others of the batch (InfoNCE, van den Oord et al. 2018)."""

import argparse
from pathlib import Path

import numpy as np
from scipy import sparse

import vocabulary
from asked_tools import AskedTool, is_held_back, read
from read_table import parts
from student import Adam, Sums, bags, relation_gradient, softmax, unit
from write_table import write

NAME = "minilm-l6-v2-static/2"
SEEDS = (1, 2, 3)
EPOCHS, BATCH, RATE, TEMPERATURE = 6, 512, 0.002, 0.05
FORGOTTEN = 0.2
"""The share of words that a text goes without, other ones each time, so that none is relied on alone."""
CORPUS, CORPUS_BATCH, CORPUS_TEMPERATURE = 120_000, 256, 0.1
WAY = 0.65
"""How far to go from the table as it was to the mean of the tuned ones."""


class Asked:
    """Bags of requests, of tools in two wordings, and which tool each request is for."""

    def __init__(self, tokenizer, tools: list[AskedTool]) -> None:
        self.requests = bags(tokenizer, [request for tool in tools for request in tool.requests])
        self.wordings = [bags(tokenizer, [tool.whole() for tool in tools]), bags(tokenizer, [tool.headline() for tool in tools])]
        self.tool_of = np.array([at for at, tool in enumerate(tools) for _ in tool.requests])


def forgetful(bag: sparse.csr_matrix, rng: np.random.Generator) -> sparse.csr_matrix:
    bag.data = bag.data * (rng.random(len(bag.data)) >= FORGOTTEN)
    return bag


def gradient_of_choice(requests: np.ndarray, tools: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Of how unlikely the right tool is among those of the batch; for the vectors of requests, and below them of tools."""
    share = softmax(requests @ tools.T / TEMPERATURE)
    share[np.arange(len(requests)), right] -= 1
    share /= TEMPERATURE
    return np.vstack([share @ tools, share.T @ requests])


def tune(table: np.ndarray, asked: Asked, corpus: sparse.csr_matrix, teacher: np.ndarray, seed: int) -> np.ndarray:
    """Beside the choices, the texts of a corpus have to stay as like one another as they are to the teacher, so that what no request mentions keeps its place."""
    rng = np.random.default_rng(seed)
    table = table.copy()
    adam, done, count = Adam(table), 0, len(asked.tool_of)
    total = EPOCHS * (count // BATCH)
    for _ in range(EPOCHS):
        order = rng.permutation(count)
        for at in range(0, count - BATCH + 1, BATCH):
            chosen = order[at : at + BATCH]
            tools, right = np.unique(asked.tool_of[chosen], return_inverse=True)
            wording = asked.wordings[rng.integers(2)]
            texts = rng.integers(corpus.shape[0], size=CORPUS_BATCH)
            choice = forgetful(sparse.vstack([asked.requests[chosen], wording[tools]]).tocsr(), rng)
            sums = Sums(sparse.vstack([choice, corpus[texts]]).tocsr(), table)
            requests, others, kept = np.split(sums.vectors, [BATCH, BATCH + len(tools)])
            gradient = np.vstack([
                gradient_of_choice(requests, others, right),
                relation_gradient(kept, teacher[texts].astype(np.float32), CORPUS_TEMPERATURE),
            ])
            done += 1
            adam.update(sums.rows, sums.gradient_of_rows(gradient), RATE * min(1, done / 30) * max(0.02, 1 - done / total))
    return table


def found(table: np.ndarray, held: Asked, others: Asked) -> str:
    """Of requests that took no part, among all tools: hit@1 and recall@5 by cosine alone."""
    vectors = lambda bag: unit(np.asarray(bag @ table))
    tools = sum(vectors(sparse.vstack([one, other])) for one, other in zip(held.wordings, others.wordings))
    similar = vectors(held.requests) @ tools.T
    right = similar[np.arange(len(held.tool_of)), held.tool_of]
    rank = (similar > right[:, None]).sum(1)
    return f"hit@1 {(rank < 1).mean():.3f}, recall@5 {(rank < 5).mean():.3f}"


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    for name in ("table", "requests", "texts", "vectors", "out"):
        options.add_argument(name, type=Path)
    given = options.parse_args()
    _, pieces, table = parts(given.table)
    table = table.astype(np.float32)
    tokenizer = vocabulary.tokenizer(pieces)
    files = sorted(given.requests.glob("*/*.txt"))
    asked = Asked(tokenizer, [tool for file in files if not is_held_back(file) for tool in read(file)])
    held = Asked(tokenizer, [tool for file in files if is_held_back(file) for tool in read(file)])
    print(f"{len(asked.tool_of)} requests, and {len(held.tool_of)} held back: {found(table, held, asked)}")
    texts, vectors = given.texts.read_text("utf8").splitlines(), np.load(given.vectors, mmap_mode="r")
    some = np.sort(np.random.default_rng(0).choice(len(texts), CORPUS, replace=False))
    corpus, teacher = bags(tokenizer, [texts[at] for at in some]), np.asarray(vectors[some])
    tuned = []
    for seed in SEEDS:
        tuned.append(tune(table, asked, corpus, teacher, seed))
        print(f"seed {seed}: {found(tuned[-1], held, asked)}", flush=True)
    table += WAY * (np.mean(tuned, axis=0) - table)
    print(f"kept: {found(table, held, asked)}")
    write(given.out, pieces, table, NAME)
