# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns texts into the symbols that the text model is trained with.

    prepare.py VERSION OUT TEXTS.tsv...     the text is in the last column; every message once
"""

import collections
import struct
import sys
import unicodedata

MAGIC = 0x43585432
SYMBOLS_MAX = 250
RARE = 3  # a character seen less often is not worth a symbol
END, ESCAPE = 0, 1
KIND_END, KIND_LETTER, KIND_DIGIT, KIND_SPACE, KIND_POINT, KIND_OTHER = range(6)


def fold(char):
    """The class of a character: a letter whatever its case and accents, any digit."""
    if char.isascii() and char.isdigit():
        return "0"
    return unicodedata.normalize("NFD", char.lower())[0]


def kind(char):
    if char.isalpha():
        return KIND_LETTER
    if char.isascii() and char.isdigit():
        return KIND_DIGIT
    if char == " ":
        return KIND_SPACE
    return KIND_POINT if char in ".!?:;" else KIND_OTHER


def alphabet_of(messages):
    counts = collections.Counter(char for message in messages for char in message)
    for code in range(32, 127):  # whatever a keyboard writes
        counts[chr(code)] += RARE
    return sorted([char for char, n in counts.most_common(SYMBOLS_MAX) if n >= RARE])


def symbols_of(messages, alphabet):
    number = {char: i + 2 for i, char in enumerate(alphabet)}
    return b"".join(bytes(number.get(char, ESCAPE) for char in message) + bytes([END]) for message in messages)


def pack(version, messages, alphabet):
    classes = sorted({fold(char) for char in alphabet})
    class_of = {name: i + 2 for i, name in enumerate(classes)}
    text = symbols_of(messages, alphabet)
    count = len(alphabet) + 2
    parts = [struct.pack("<5I", MAGIC, version, count, len(classes) + 2, len(text)),
             struct.pack(f"<{count}I", 0, 0, *map(ord, alphabet)),
             bytes([END, ESCAPE, *(class_of[fold(char)] for char in alphabet)]),
             bytes([0, 0, *(char.isupper() for char in alphabet)]),
             bytes([0, 0, *(len(unicodedata.normalize("NFD", char)) > 1 for char in alphabet)]),
             bytes([KIND_END, KIND_OTHER, *map(kind, alphabet)]), text]
    return b"".join(parts)


def read_messages(paths):
    seen = {}
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                text = line.rstrip("\n").split("\t")[-1]
                if text:
                    seen.setdefault(text)
    return list(seen)


def main():
    version, out, *paths = sys.argv[1:]
    messages = read_messages(paths)
    with open(out, "wb") as file:
        file.write(pack(int(version), messages, alphabet_of(messages)))


if __name__ == "__main__":
    main()
