# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the house that a program can check: includes point inward only, the protocol touches no device or clock, and
the tests that PROTOCOL.md names exist.

Usage: test_rules.py ROOT"""
import pathlib
import re
import sys

LIBC = {"assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h",
        "stdio.h", "stdlib.h", "string.h", "strings.h"}

# What the files below each folder may include of ours; None: everything.
MAY_INCLUDE = {
    "protocol/base": ("protocol/base",),
    "protocol/text": ("protocol/base", "protocol/text"),
    "protocol/text/model": ("protocol/text",),  # tools that make the model: programs, not the protocol
    "protocol/wire": ("protocol/base", "protocol/text", "protocol/wire"),
    "protocol/crypto": ("protocol/base", "protocol/wire", "protocol/crypto"),
    "protocol/link": ("protocol/base", "protocol/wire", "protocol/crypto", "protocol/link"),
    "protocol/route": ("protocol/base", "protocol/wire", "protocol/route"),
    "protocol/delivery": ("protocol",),
    "hw": ("hw",),
    "sim": ("protocol", "hw", "sim"),
    "radiod": ("protocol", "hw", "radiod"),
}


def includes(path):
    """(line number, "<" or '"', name) of each include."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1), found.group(2)


def is_below(name, folders):
    return any(name.startswith(folder + "/") for folder in folders)


def check_includes(root):
    wrong, seen = [], 0
    for folder, allowed in MAY_INCLUDE.items():
        for path in sorted((root / folder).rglob("*.[ch]")):
            seen += 1
            where = path.relative_to(root)
            for number, kind, name in includes(path):
                if kind == '"' and not is_below(name, allowed):
                    wrong.append("%s:%d: %s may not include %s" % (where, number, folder, name))
                if kind == "<" and folder.startswith("protocol/") and name not in LIBC | {"sodium.h"}:
                    wrong.append("%s:%d: the protocol needs libc and libsodium only, not %s" % (where, number, name))
    if seen < 40:
        wrong.append("only %d files seen: is this the root of the tree?" % seen)
    return wrong


def check_folders(root):
    """A new room of the protocol needs a rule of its own."""
    rooms = {str(path.parent.relative_to(root)) for path in (root / "protocol").rglob("*.[ch]")}
    return ["%s: no rule says what it may include" % room for room in sorted(rooms - set(MAY_INCLUDE))]


def check_named_tests(root):
    document = (root / "protocol/PROTOCOL.md").read_text(encoding="utf-8")
    section = document[document.index("## 13. Threats"):document.index("## 14. Vectors")]
    named = set(re.findall(r"`(\w+)`", section))
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "tests").rglob("test_*.c")))
    missing = [name for name in sorted(named) if not re.search(r"_test\w*\(%s\b|TEST\(%s\b" % (name, name), sources)]
    wrong = ["PROTOCOL.md names the test %s, which does not exist" % name for name in missing]
    return wrong if len(named) > 10 else wrong + ["PROTOCOL.md names only %d tests" % len(named)]


def main(root):
    wrong = check_includes(root) + check_folders(root) + check_named_tests(root)
    print("\n".join(wrong) or "all rules hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
