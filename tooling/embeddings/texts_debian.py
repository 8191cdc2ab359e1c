"""Descriptions of Debian's packages (`apt-cache dumpavail`): a one-line summary, and the first paragraph of the long text."""

import re
import subprocess

from text_tools import plain, sentences

TWIN = re.compile(r"-(dev|doc|dbg|dbgsym|data|common|perl|locale|l10n)\b|^(lib|golang-|librust-|node-|ghc-|r-cran-|ruby-|haskell-)")


def packages():
    dump = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, check=True).stdout.decode("utf8", "ignore")
    for stanza in dump.split("\n\n"):
        name = re.search(r"^Package: (.*)$", stanza, re.M)
        text = re.search(r"^Description(?:-en)?: (.*(?:\n .*)*)", stanza, re.M)
        if name is None or text is None:
            continue
        summary, _, rest = text.group(1).partition("\n")
        paragraph = plain(re.split(r"\n \.\n", rest)[0]) if rest else ""
        yield name.group(1), summary, "" if TWIN.search(name.group(1)) else paragraph


def texts() -> list[str]:
    out = []
    for name, summary, paragraph in packages():
        out.append(summary)
        if paragraph:
            out.extend(sentences(paragraph, 4))
            out.append(f"{name}. {summary}. {' '.join(sentences(paragraph, 2))}"[:500])
    return out
