"""Reads tools and what people say who need them, which were written for the tuning (`requests/`)."""

import zlib
from dataclasses import dataclass, field
from pathlib import Path

from text_tools import document


@dataclass
class AskedTool:
    name: str
    description: str
    parameters: list[str]
    requests: list[str] = field(default_factory=list)

    def whole(self) -> str:
        """As the index embeds it."""
        return document(self.name, self.description, self.parameters)

    def headline(self) -> str:
        """Its name and the first sentence about it, of which the index has a vector too."""
        return document(self.name, self.description.split(". ")[0], [])


def cells(line: str, separator: str) -> list[str]:
    return [cell for cell in (cell.strip() for cell in line.split(separator)) if cell]


def read(path: Path) -> list[AskedTool]:
    """`# name | description | parameter, parameter`, and below it a request a line. Lines with `@` tell of a server and are for people."""
    tools: list[AskedTool] = []
    for line in (line.strip() for line in path.read_text("utf8").splitlines()):
        if line.startswith("# "):
            name, description, parameters = [*cells(line[2:], "|"), "", ""][:3]
            tools.append(AskedTool(name, description, cells(parameters, ",")))
        elif line and not line.startswith("@ "):
            tools[-1].requests.append(line)
    return [tool for tool in tools if tool.requests]


def is_held_back(path: Path) -> bool:
    """Every twelfth topic or so is for measuring only."""
    return zlib.crc32(path.name.encode()) % 1000 < 80
