# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs what was learned and the training text into the model file.

    pack.py LEARNED CORPUS MODEL.xz
"""

import lzma
import pathlib
import sys


def main():
    learned, corpus, out = map(pathlib.Path, sys.argv[1:])
    out.write_bytes(lzma.compress(learned.read_bytes() + corpus.read_bytes(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
