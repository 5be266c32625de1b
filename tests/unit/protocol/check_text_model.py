# SPDX-License-Identifier: GPL-3.0-or-later
"""The model file and its version number belong together: stations of one version must understand each other.

Usage: check_text_model.py ROOT"""

import hashlib
import lzma
import pathlib
import re
import sys

# Of the unpacked model file, by version: another file needs another number, and the numbers that were on air stay.
DIGESTS = {
    1: "339cf49147ca9856d770cfa47c347f2d",
}


def number(pattern, path):
    return int(re.search(pattern, path.read_text(), re.M)[1])


def main():
    text = pathlib.Path(sys.argv[1]) / "protocol/text"
    version = number(r"^#define TEXT_MODEL_VERSION (\d+)$", text / "codec.h")
    trained = number(r"^VERSION=(\d+)$", text / "model/train")
    digest = hashlib.blake2b(lzma.decompress((text / "model/model.xz").read_bytes()), digest_size=16).hexdigest()
    if trained != version:
        sys.exit(f"the trainer writes version {trained}, codec.h says {version}")
    if DIGESTS.get(version) != digest:
        sys.exit(f"version {version} has digest {DIGESTS.get(version)}, the file has {digest}: give it a new version")


main()
