"""How much of what the teacher finds the student finds too, on texts that it was not trained on."""

import numpy as np

from student import unit


def nearest(queries: np.ndarray, documents: np.ndarray, most: int) -> np.ndarray:
    return np.argpartition(-(queries @ documents.T), most, axis=1)[:, :most]


def shared(student: np.ndarray, teacher: np.ndarray, queries: int, most: int = 10) -> float:
    """Part of the teacher's ten nearest that are among the student's; the first texts ask, the others are found."""
    mine = nearest(student[:queries], student[queries:], most)
    theirs = nearest(teacher[:queries], teacher[queries:], most)
    return float(np.mean([len(set(a) & set(b)) for a, b in zip(mine, theirs)])) / most


class Validation:
    def __init__(self, name: str, inputs, teacher: np.ndarray, queries: int) -> None:
        self.name, self.inputs, self.teacher, self.queries = name, inputs, teacher.astype(np.float32), queries

    def report(self, table: np.ndarray) -> str:
        return f"{self.name}: {shared(unit(np.asarray(self.inputs @ table)), self.teacher, self.queries):.4f}"
