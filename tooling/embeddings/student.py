"""Training of the table: a text's vector is the sum of its tokens' rows, made unit length, and is drawn towards the teacher's."""

import time

import numpy as np
from scipy import sparse


def bags(tokenizer, texts: list[str], most: int = 512) -> sparse.csr_matrix:
    """One row a text, one column a token: log2(1 + how often it occurs). The unknown word counts for nothing."""
    counts, columns, starts = [], [], [0]
    for at in range(0, len(texts), 20000):
        for encoding in tokenizer.encode_batch(texts[at : at + 20000], add_special_tokens=False):
            ids, n = np.unique(np.array([i for i in encoding.ids[:most] if i > 0], dtype=np.int32), return_counts=True)
            columns.append(ids)
            counts.append(np.log2(1 + n))
            starts.append(starts[-1] + len(ids))
    return sparse.csr_matrix((np.concatenate(counts).astype(np.float32), np.concatenate(columns), starts), shape=(len(texts), tokenizer.get_vocab_size()))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def softmax(scores: np.ndarray) -> np.ndarray:
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


class Adam:
    """Only rows that a batch touches move."""

    def __init__(self, table: np.ndarray) -> None:
        self.table, self.step = table, 0
        self.first, self.second = np.zeros_like(table), np.zeros_like(table)

    def update(self, rows: np.ndarray, gradient: np.ndarray, rate: float) -> None:
        self.step += 1
        first = self.first[rows] * 0.9 + gradient * 0.1
        second = self.second[rows] * 0.999 + gradient * gradient * 0.001
        self.first[rows], self.second[rows] = first, second
        rate = rate * np.sqrt(1 - 0.999**self.step) / (1 - 0.9**self.step)
        self.table[rows] -= rate * first / (np.sqrt(second) + 1e-8)


def relation_gradient(student: np.ndarray, teacher: np.ndarray, temperature: float) -> np.ndarray:
    """Of the divergence between both sides' similarities within the batch."""
    mine, theirs = student @ student.T / temperature, teacher @ teacher.T / temperature
    np.fill_diagonal(mine, -1e4)
    np.fill_diagonal(theirs, -1e4)
    difference = (softmax(mine) - softmax(theirs)) / temperature
    return (difference + difference.T) @ student


class Sums:
    """Vectors of a batch of bags, and the way back from them to the rows of the table."""

    def __init__(self, batch: sparse.csr_matrix, table: np.ndarray) -> None:
        self.rows, columns = np.unique(batch.indices, return_inverse=True)
        self.bag = sparse.csr_matrix((batch.data, columns, batch.indptr), shape=(batch.shape[0], len(self.rows)))
        sums = self.bag @ table[self.rows]
        self.length = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        self.vectors = sums / self.length

    def gradient_of_rows(self, of_vectors: np.ndarray) -> np.ndarray:
        along = (of_vectors * self.vectors).sum(1, keepdims=True) * self.vectors
        return self.bag.T @ ((of_vectors - along) / self.length)


def train(table, inputs, targets, *, epochs, batch, rate, temperature, relation, seed, report):
    """Draws each vector towards the teacher's (cosine), and with the weight `relation` the similarities within a batch towards the teacher's."""
    rng = np.random.default_rng(seed)
    adam, total, done, started = Adam(table), epochs * (inputs.shape[0] // batch), 0, time.time()
    for epoch in range(epochs):
        order, losses = rng.permutation(inputs.shape[0]), []
        for at in range(0, len(order) - batch + 1, batch):
            chosen = np.sort(order[at : at + batch])
            sums, teacher = Sums(inputs[chosen], table), targets[chosen].astype(np.float32)
            gradient = relation * relation_gradient(sums.vectors, teacher, temperature) - teacher
            done += 1
            adam.update(sums.rows, sums.gradient_of_rows(gradient), rate * min(1, done / 200) * (1 - done / total * 0.98))
            losses.append(1 - float((sums.vectors * teacher).sum(1).mean()))
        print(f"epoch {epoch + 1}: 1 - cosine {np.mean(losses):.4f}, {time.time() - started:.0f} s", flush=True)
        report(table)
    return table
