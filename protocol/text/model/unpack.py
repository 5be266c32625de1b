# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacks the model file for the build.

    unpack.py MODEL.xz OUT
"""

import lzma
import sys


def main():
    packed, out = sys.argv[1:]
    with lzma.open(packed) as model, open(out, "wb") as file:
        file.write(model.read())


if __name__ == "__main__":
    main()
