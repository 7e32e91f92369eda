"""Prints the code of one language out of a Markdown page, as one program: `extract.py README.md python`.

The blocks of a page are one program, in order. A block that is not to be run is marked `ignore`, as mdBook has it:
```` ```python,ignore ````. Rust without a `main` is wrapped in one, as rustdoc does it. A page without a block to run
is an error, so that a test which runs what comes out never runs nothing.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})[ \t]*([^`]*)$")


def blocks(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Every fenced block: the line it begins on, the words of its info string, its code."""
    opened: tuple[int, int, str, list[str]] | None = None
    code: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if opened is None:
            if fence:
                indent, mark, info = fence.groups()
                opened = (number, len(indent), mark, re.split(r"[,\s]+", info.strip()))
                code = []
        elif fence and fence[2].startswith(opened[2]) and not fence[3].strip():
            yield opened[0], opened[3], "\n".join(code)
            opened = None
        else:
            code.append(re.sub(rf"^ {{0,{opened[1]}}}", "", line))
    if opened is not None:
        raise SystemExit(f"the block that begins on line {opened[0]} is never closed")


def program(text: str, language: str) -> str:
    """The page's blocks of a language, those marked `ignore` left out, as one program."""
    chosen = [code for _, words, code in blocks(text) if words[:1] == [language] and "ignore" not in words[1:]]
    code = "\n\n".join(chosen)
    if language == "rust" and chosen and not re.search(r"^\s*fn main\(", code, re.MULTILINE):
        code = f"fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{code}\nOk(())\n}}"
    return code


def main() -> int:
    parser = argparse.ArgumentParser(description="Print the code of one language out of a Markdown page.")
    parser.add_argument("page", type=Path)
    parser.add_argument("language", help="the first word behind the fence: python, js, rust, yaml …")
    asked = parser.parse_args()
    code = program(asked.page.read_text(encoding="utf-8"), asked.language)
    if not code.strip():
        print(f"{asked.page} has no block of {asked.language} to run", file=sys.stderr)
        return 1
    print(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
