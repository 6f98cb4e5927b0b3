#!/usr/bin/env python3
"""Check the text of the repository's files.

A path of somebody's working directory leads nowhere for anybody else, and tells what it need not.
"""

import re
import subprocess
import sys
from pathlib import Path

# Split, so that this file does not find itself.
PLACE = re.compile(r"(?<![\w.$}])/(?:wo" r"rk|ho" r"me|ro" r"ot|tmp/w" r"t)/[\w.-]+")
CONFLICT = re.compile(r"(?:<{7}|>{7}) ")
LONGEST = 400


def problems(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        for place in PLACE.findall(line):
            yield f"{name}:{number}: names a place of one machine ({place})"
        if CONFLICT.match(line):
            yield f"{name}:{number}: a conflict is not resolved"
    lines = text.count("\n")
    if name.endswith(".rs") and lines > LONGEST:
        yield f"{name}: has {lines} lines ({LONGEST} at most)"


def main():
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True).stdout
    found = []
    for name in filter(None, listed.decode().split("\0")):
        try:
            found += problems(name, Path(name).read_text())
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    print("\n".join(found) or "the text is sound")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
