"""Gathers the corpus, one text a line, deduplicated and shuffled: short texts of many subjects, and long documents of API functions."""

import argparse
import random
from pathlib import Path

import texts_api
import texts_debian
import texts_docstrings
import texts_long
import texts_wordnet
from made_requests import Requests, imperative
from text_tools import document, words

SEED = 20240517


def capped(texts: list[str], most: int, rng: random.Random) -> list[str]:
    unique = list(dict.fromkeys(t for t in texts if len(t) > 2))
    rng.shuffle(unique)
    return unique[:most]


def short_texts(wordnet: Path, sources: Path) -> dict[str, list[str]]:
    aws, aws_members = texts_api.botocore(sources)
    google, google_members = texts_api.google(sources)
    github = texts_api.github(sources / "package/generated/api.github.com.json")
    home = texts_api.home_assistant(sources)
    python = list(texts_docstrings.functions(sources / "python"))
    functions = list({f[1]: f for f in [*aws, *google, *github, *home] if len(f[1]) > 10}.values())
    documented = list({f[1]: f for f in python}.values())
    members = list({m[1]: m for m in [*aws_members, *google_members] if len(m[1]) > 10}.values())
    rng = random.Random(SEED)
    described = [*functions, *rng.sample(documented, min(30000, len(documented)))]
    actions = [imperative(f[1]) for f in described] + texts_wordnet.verb_phrases(wordnet)
    return {
        "wordnet": capped(texts_wordnet.texts(wordnet), 300000, rng),
        "documents": capped([document(*f) for f in functions], 40000, rng),
        "descriptions": capped([f[1] for f in functions], 40000, rng),
        "members": capped([f"{words(name)}: {text}" if i % 2 else text for i, (name, text) in enumerate(members)], 70000, rng),
        "docstrings": capped([document(*f) if i % 2 else f[1] for i, f in enumerate(documented)], 70000, rng),
        "debian": capped(texts_debian.texts(), 50000, rng),
        "requests": capped(Requests(texts_wordnet.nouns(wordnet), actions, SEED).many(170000), 170000, rng),
    }


def write(path: Path, texts: list[str]) -> None:
    path.write_text("\n".join(texts) + "\n", "utf8")
    print(f"{path.name}: {len(texts)} texts")


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    for name in ("wordnet", "sources", "short", "long"):
        options.add_argument(name, type=Path)
    given = options.parse_args()
    parts = short_texts(given.wordnet, given.sources)
    for name, texts in parts.items():
        print(f"{name}: {len(texts)} texts, for example {texts[0][:90]!r}")
    lines = list(dict.fromkeys(t.replace("\n", " ")[:700] for texts in parts.values() for t in texts))
    random.Random(SEED).shuffle(lines)
    write(given.short, lines)
    write(given.long, [t.replace("\n", " ") for t in texts_long.texts(given.sources, 28000, 7)])
