"""Small helpers that the corpus readers share."""

import html
import re

TAG = re.compile(r"<[^>]{1,200}>")
MARKUP = re.compile(r":[a-z]+:`[~.]?|[`*]{1,3}|\[([^\]]{1,80})\]\([^)]{1,300}\)|\{\{?[^}]{1,60}\}?\}|https?://\S+")
SPACE = re.compile(r"\s+")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")


def plain(text: str) -> str:
    """Text without tags, light markup, links and line breaks."""
    text = MARKUP.sub(lambda m: m.group(1) or "", TAG.sub(" ", html.unescape(text)))
    return SPACE.sub(" ", text).strip()


def sentences(text: str, most: int) -> list[str]:
    return SENTENCE_END.split(text)[:most]


def words(identifier: str) -> str:
    """`listUserEvents`, `list_user_events` and `list-user-events` as words."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3 \2\4", identifier)
    return SPACE.sub(" ", re.sub(r"[_\-./:]+", " ", spaced)).strip().lower()


def document(name: str, description: str, parameters: list[str]) -> str:
    """An API function in the form in which a tool is embedded."""
    parts = [words(name), description.rstrip("."), ", ".join(words(p) for p in parameters[:20])]
    return ". ".join(part for part in parts if part)
