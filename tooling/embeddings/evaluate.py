"""Ranks labelled sets by cosine alone, with the table or with the full model: hit@1, recall@5 and NDCG@10 of each set."""

import argparse
import json
import math
from pathlib import Path

import numpy as np

import vocabulary
from read_table import parts
from student import bags, unit
from teacher import Teacher
from text_tools import document


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf8").splitlines() if line]


def tool_text(tool: dict) -> str:
    parameters = (tool.get("inputSchema") or {}).get("properties") or {}
    return document(tool["name"], (tool.get("description") or "").strip(), list(parameters))


def equivalents(query: dict) -> dict[str, str]:
    """Which asked-for tool each tool counts for."""
    gold = {tool: tool for tool in query["relevant"]}
    same = query.get("equivalents") or {}
    if isinstance(same, list):
        return {**{tool: query["relevant"][0] for tool in same}, **gold}
    return {**{other: tool for tool, others in same.items() for other in others}, **gold}


def scores(query: dict, ranked: list[str]) -> tuple[float, float, float]:
    counts_for, found, hits = equivalents(query), set(), []
    for rank, tool in enumerate(ranked[:10], 1):
        target = counts_for.get(tool)
        if target is not None and target not in found:
            found.add(target)
            hits.append(rank)
    wanted = len(set(query["relevant"]))
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(wanted, 10) + 1))
    return float(1 in hits), sum(rank <= 5 for rank in hits) / wanted, sum(1 / math.log2(rank + 1) for rank in hits) / ideal


def embedder(given):
    if given.table is None:
        return Teacher(given.network, given.model).embed
    _, pieces, table = parts(given.table)
    tokenizer = vocabulary.tokenizer(pieces)
    return lambda texts: unit(np.asarray(bags(tokenizer, texts) @ table))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("sets", type=Path, nargs="+", help="folders with tools.jsonl and queries.jsonl")
    options.add_argument("--table", type=Path)
    options.add_argument("--network", type=Path)
    options.add_argument("--model", type=Path)
    given = options.parse_args()
    embed = embedder(given)
    print("| set | hit@1 | recall@5 | NDCG@10 |\n|---|---|---|---|")
    for folder in given.sets:
        tools, queries = lines(folder / "tools.jsonl"), lines(folder / "queries.jsonl")
        similar = embed([query["query"] for query in queries]) @ embed([tool_text(tool) for tool in tools]).T
        best = np.argsort(-similar, axis=1, kind="stable")[:, :10]
        mean = np.mean([scores(query, [tools[i]["id"] for i in row]) for query, row in zip(queries, best)], axis=0)
        print(f"| {folder.name} | {mean[0]:.3f} | {mean[1]:.3f} | {mean[2]:.3f} |")
