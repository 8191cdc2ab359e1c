"""Docstrings of Python packages as (name, summary, parameter names): functions of many subjects, read without importing them."""

import ast
import warnings
from pathlib import Path

from text_tools import plain, sentences


def functions(root: Path):
    warnings.simplefilter("ignore")
    for path in sorted(root.rglob("*.py")):
        if "/tests/" in str(path) or path.stat().st_size > 1_500_000:
            continue
        try:
            tree = ast.parse(path.read_text("utf8", "ignore"))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            text = ast.get_docstring(node)
            if text is None or len(text) < 12:
                continue
            summary = " ".join(sentences(plain(text.split("\n\n")[0]), 3))[:500]
            arguments = [] if isinstance(node, ast.ClassDef) else [a.arg for a in node.args.args if a.arg not in ("self", "cls")]
            yield node.name, summary, arguments
