"""Long documents of API functions, as some servers write them: several sentences, many parameters, and what parameters say."""

import random
from pathlib import Path

import texts_api
from text_tools import document, plain, sentences


def botocore(root: Path, rng: random.Random) -> list[str]:
    out = []
    newest = {path.parent.parent: path for path in sorted(root.glob("botocore/data/*/*/service-2.json*"))}
    for path in newest.values():
        service = texts_api.read_json(path)
        for name, operation in service["operations"].items():
            fields = service["shapes"].get(operation.get("input", {}).get("shape"), {}).get("members", {})
            text = " ".join(sentences(plain(operation.get("documentation", "")), rng.randint(3, 10)))
            said = [sentences(plain(field.get("documentation", "")), 1)[0] for field in fields.values()]
            out.append(f"{document(name, text, list(fields))}. {' '.join(rng.sample(said, min(len(said), rng.randint(0, 4))))}")
    return out


def google(root: Path, rng: random.Random) -> list[str]:
    out = []

    def walk(node: dict) -> None:
        for resource, inner in node.get("resources", {}).items():
            for name, method in inner.get("methods", {}).items():
                said = [plain(p.get("description", "")) for p in method.get("parameters", {}).values()]
                text = plain(method.get("description", ""))
                out.append(f"{document(f'{resource} {name}', text, list(method.get('parameters', {})))}. {' '.join(said)}")
            walk(inner)

    for path in sorted(root.glob("googleapiclient/discovery_cache/documents/*.json")):
        walk(texts_api.read_json(path))
    return out


def texts(root: Path, most: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    unique = list(dict.fromkeys(t[:900] for t in [*botocore(root, rng), *google(root, rng)] if len(t) > 250))
    rng.shuffle(unique)
    return unique[:most]
