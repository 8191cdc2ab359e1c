"""API functions as (name, description, parameter names): botocore, Google discovery documents, GitHub's OpenAPI, Home Assistant services."""

import gzip
import json
from pathlib import Path

from text_tools import plain, sentences

Function = tuple[str, str, list[str]]


def brief(text: str, most: int = 3) -> str:
    return " ".join(sentences(plain(text), most))[:600]


def read_json(path: Path):
    opened = gzip.open(path, "rt", encoding="utf8") if path.suffix == ".gz" else path.open(encoding="utf8")
    with opened as file:
        return json.load(file)


def botocore(root: Path):
    """Operations, and apart from them what their members are documented with."""
    functions, members = [], []
    newest = {path.parent.parent: path for path in sorted(root.glob("botocore/data/*/*/service-2.json*"))}
    for path in newest.values():
        service = read_json(path)
        shapes = service["shapes"]
        for name, operation in service["operations"].items():
            fields = shapes.get(operation.get("input", {}).get("shape"), {}).get("members", {})
            functions.append((name, brief(operation.get("documentation", "")), list(fields)))
        for shape in shapes.values():
            members.extend((name, brief(field.get("documentation", ""), 1)) for name, field in shape.get("members", {}).items())
    return functions, members


def google(root: Path):
    functions, members = [], []

    def walk(node: dict, title: str) -> None:
        for resource, inner in node.get("resources", {}).items():
            for name, method in inner.get("methods", {}).items():
                parameters = list(method.get("parameters", {}))
                functions.append((f"{resource} {name}", brief(method.get("description", "")), parameters))
                members.extend((p, brief(v.get("description", ""), 1)) for p, v in method.get("parameters", {}).items())
            walk(inner, title)

    for path in sorted(root.glob("googleapiclient/discovery_cache/documents/*.json")):
        api = read_json(path)
        members.append((api.get("title", ""), brief(api.get("description", ""), 2)))
        walk(api, api.get("title", ""))
        for schema in api.get("schemas", {}).values():
            members.extend((p, brief(v.get("description", ""), 1)) for p, v in schema.get("properties", {}).items())
    return functions, members


def github(file: Path) -> list[Function]:
    functions = []
    for methods in read_json(file)["paths"].values():
        for operation in methods.values():
            names = [p["$ref"].rsplit("/", 1)[-1] if "$ref" in p else p["name"] for p in operation.get("parameters", [])]
            functions.append((operation["operationId"], brief(f"{operation['summary']}. {operation.get('description', '')}"), names))
    return functions


def home_assistant(root: Path) -> list[Function]:
    functions = []
    for path in sorted(root.glob("homeassistant/components/*/strings.json")):
        for name, service in read_json(path).get("services", {}).items():
            fields = service.get("fields", {})
            functions.append((f"{path.parent.name} {name}", brief(service.get("description", "")), list(fields)))
            functions.extend((f.get("name", ""), brief(f.get("description", ""), 1), []) for f in fields.values())
    return functions
