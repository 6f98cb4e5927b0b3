#!/usr/bin/env python3
"""Keep the table of faults and abuse in tests/README.md true.

A test that holds a case has the case's number in its name (`..._g22`, `..._g43_g45`). Run without
arguments, this compares the table with the tests; with `--write` it writes the table's last column.
"""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

TABLE = Path("tests/README.md")
NAME = re.compile(r"\bfn ([a-z0-9_]+)")
NUMBER = re.compile(r"(?<![a-z0-9])g(\d\d)(?![a-z0-9])")
ROW = re.compile(r"^\| (G\d\d) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)


def module(path):
    """`tests/flows/sync/echo.rs` is `flows sync::echo`, `functions/webhook/src/x.rs` is `webhook x`."""
    parts = list(path.with_suffix("").parts)
    if parts[0] == "tests":
        crate, inner = parts[1], parts[2:]
    else:
        start = parts.index("src")
        crate, inner = parts[start - 1], parts[start + 1 :]
    return f"`{crate} {'::'.join(inner)}`"


def held():
    listed = subprocess.run(["git", "ls-files", "-z", "*.rs"], capture_output=True, check=True).stdout
    found = defaultdict(lambda: defaultdict(int))
    for name in filter(None, listed.decode().split("\0")):
        for test in NAME.findall(Path(name).read_text()):
            for number in NUMBER.findall(test):
                found[f"G{number}"][module(Path(name))] += 1
    return found


def cell(modules):
    return ", ".join(f"{name} {count}" for name, count in sorted(modules.items()))


def main():
    tests, text = held(), TABLE.read_text()
    unknown = sorted(set(tests) - {number for number, _, _ in ROW.findall(text)})
    written = ROW.sub(lambda row: f"| {row[1]} | {row[2]} | {cell(tests[row[1]])} |", text)
    if "--write" in sys.argv[1:]:
        TABLE.write_text(written)
    elif written != text:
        print(f"{TABLE} is not what the tests are: run .ci/gauntlet.py --write")
        sys.exit(1)
    if unknown:
        print(f"{TABLE} lacks a row for {', '.join(unknown)}")
        sys.exit(1)
    bare = [number for number, _, tests in ROW.findall(written) if not tests]
    print(f"{len(ROW.findall(written)) - len(bare)} cases are held by tests; not yet: {', '.join(bare) or 'none'}")


if __name__ == "__main__":
    main()
