# SPDX-License-Identifier: GPL-3.0-or-later
"""A mistake in the phrase book or the list of places ends the build with its file, line and reason.

Usage: test_phrases_table.py phrases_table.py"""
import pathlib
import subprocess
import sys
import tempfile

HEAD = "number\ttopic\ten\tfr\tes\tht\n"
GOOD = "0\ttopic\tAt {time}.\tÀ {time}.\tA las {time}.\tA {time}.\n"
PLACES = "Malpasse\n"

# (phrases, places, where, words of the reason)
MISTAKES = [
    ("", PLACES, "phrases.tsv:1:", "first line"),
    ("number\n" + GOOD, PLACES, "phrases.tsv:1:", "first line"),
    (HEAD + GOOD[:-1], PLACES, "phrases.tsv:2:", "does not end"),
    (HEAD + "0\ttopic\tone\n", PLACES, "phrases.tsv:2:", "columns"),
    (HEAD + GOOD.replace("0", "1", 1), PLACES, "phrases.tsv:2:", "number 1 instead of 0"),
    (HEAD + GOOD + GOOD.replace("0", "1", 1), PLACES, "phrases.tsv:3:", "same as line 2"),
    (HEAD + GOOD.replace("topic", "Topic"), PLACES, "phrases.tsv:2:", "topic"),
    (HEAD + GOOD.replace("A {time}", "A"), PLACES, "phrases.tsv:2:", "same in all languages"),
    (HEAD + GOOD.replace("{time}", "{time} {number}").replace("A {time} {number}", "A {number} {time}"), PLACES,
     "phrases.tsv:2:", "in this order"),
    (HEAD + GOOD.replace("{time}", "{time} {time}"), PLACES, "phrases.tsv:2:", "each once"),
    (HEAD + GOOD.replace("{time}", "{date}"), PLACES, "phrases.tsv:2:", "no slot is called that"),
    (HEAD + GOOD.replace("{time}", "{time5}"), PLACES, "phrases.tsv:2:", "no slot is called that"),
    (HEAD + GOOD.replace("{time}", "{number}0"), PLACES, "phrases.tsv:2:", "followed by"),
    (HEAD + GOOD.replace("{time}", "{time}{number}"), PLACES, "phrases.tsv:2:", "followed by"),
    (HEAD + GOOD.replace("{time}", "{place} now"), PLACES, "phrases.tsv:2:", "place must be followed"),
    (HEAD + GOOD.replace("At", " At"), PLACES, "phrases.tsv:2:", "space"),
    (HEAD + GOOD.replace("À", "A\u0300"), PLACES, "phrases.tsv:2:", "NFC"),
    (HEAD + GOOD.replace("At", "A\x07t"), PLACES, "phrases.tsv:2:", "control"),
    (HEAD + GOOD.replace("At", "A" * 300), PLACES, "phrases.tsv:2:", "longer"),
    (HEAD + GOOD, PLACES + PLACES, "places.txt:2:", "same as line 1"),
    (HEAD + GOOD, PLACES + "\n", "places.txt:2:", "empty"),
    (HEAD + GOOD, PLACES + "St. Marc\n", "places.txt:2:", "none of"),
    (HEAD + GOOD, PLACES + "x" * 65 + "\n", "places.txt:2:", "longer"),
    (HEAD + GOOD, "".join("p%d\n" % i for i in range(256)), "places.txt:256:", "255 places"),
]


def run(script, folder, phrases, places):
    (folder / "phrases.tsv").write_text(phrases, encoding="utf-8")
    (folder / "places.txt").write_text(places, encoding="utf-8")
    return subprocess.run([sys.executable, "-B", script, folder / "phrases.tsv", folder / "places.txt",
                           folder / "table.c"], capture_output=True, text=True, check=False)


def main(script):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        good = run(script, folder, HEAD + GOOD, PLACES)
        assert good.returncode == 0 and "Malpasse" in (folder / "table.c").read_text(encoding="ascii"), good.stderr
        for phrases, places, where, words in MISTAKES:
            result = run(script, folder, phrases, places)
            assert result.returncode == 1 and where in result.stderr and words in result.stderr, \
                (where, words, result.stderr)
            assert "Traceback" not in result.stderr


if __name__ == "__main__":
    main(sys.argv[1])
