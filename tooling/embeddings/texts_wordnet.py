"""Glosses, examples and synonym sets of WordNet (Debian: wordnet-base), and its nouns by subject for the request templates."""

from collections import defaultdict
from pathlib import Path

LEXNAMES = {
    "05": "animal", "06": "artifact", "10": "communication", "11": "event", "13": "food", "14": "group",
    "15": "place", "18": "person", "20": "plant", "26": "condition", "04": "act", "21": "money", "27": "substance",
}


def synsets(folder: Path):
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text("utf8").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition(" | ")
            fields = head.split(" ")
            lemmas = [w.split("(")[0].replace("_", " ") for w in fields[4 : 4 + 2 * int(fields[3], 16) : 2]]
            pieces = [piece.strip() for piece in gloss.strip().split("; ")]
            definition = "; ".join(p for p in pieces if not p.startswith('"'))
            examples = [p.strip('" ') for p in pieces if p.startswith('"')]
            yield part, LEXNAMES.get(fields[1]), lemmas, definition, examples


def texts(folder: Path) -> list[str]:
    out = []
    for part, _, lemmas, definition, examples in synsets(folder):
        out.append(definition)
        out.append(f"{lemmas[0]}: {definition}")
        out.append(", ".join(lemmas))
        out.extend(lemmas if part in ("noun", "verb") else lemmas[:1])
        out.extend(examples)
    return out


def nouns(folder: Path) -> dict[str, list[str]]:
    by_subject: dict[str, list[str]] = defaultdict(list)
    for part, subject, lemmas, _, _ in synsets(folder):
        if part == "noun" and subject is not None and len(lemmas[0]) < 24:
            by_subject[subject].append(lemmas[0])
    return dict(by_subject)


def verb_phrases(folder: Path) -> list[str]:
    return [definition.split(";")[0].split("(")[0].strip() for part, _, _, definition, _ in synsets(folder) if part == "verb"]
