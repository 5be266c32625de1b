# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the text code and the packers of Debian on the same messages, each message alone: sim/bench text.

A line of the file is a message, its text in the last column; of three columns and more the second is the language.
Exit status: 0, 1 (a message did not come back exactly, or the file cannot be measured), 2 (wrong usage)."""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

SIM = pathlib.Path(__file__).resolve().parent
MODEL = SIM.parent / "protocol/text/model"
HELD_OUT = MODEL / "texts/held-out.tsv"
FILES_AT_ONCE = 1000  # names on one command line

# What packs every file given into a file of its own with this suffix.  Each in the smallest format it has: without
# names, times, checks and dictionary numbers, and xz without a container.
PACKERS = {
    "gzip -9": ("gzip -9 -n -k -q -S .out", ".out"),
    "bzip2 -9": ("bzip2 -9 -k -q", ".bz2"),
    "xz -9e (raw LZMA)": ("xz -k -q --format=raw --lzma1=preset=9e,dict=1MiB --suffix=.out", ".out"),
    "brotli -q 11": ("brotli -q 11 -k", ".br"),
    "zstd -19": ("zstd -19 -q -k --no-check", ".zst"),
    "zstd -19, trained": ("zstd -19 -q -k --no-check --no-dictID -D {dictionary}", ".zst"),
}
SEVEN_ZIP = "7z PPMd (no header)"


class Message:
    def __init__(self, language, text):
        self.language, self.text = language, text
        self.chars = len(text.decode("utf-8", "surrogateescape"))


def read_messages(data):
    messages = []
    for line in data.split(b"\n"):
        columns = line.removesuffix(b"\r").split(b"\t")
        language = columns[1].decode("utf-8", "replace") if len(columns) > 2 else ""
        if columns[-1]:
            messages.append(Message(language, columns[-1]))
    return messages


def read_file(path):
    """The bytes of a file of messages; ends the program if there is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        sys.exit(f"bench: {path}: {error.strerror}")
    if not read_messages(data):
        sys.exit(f"bench: {path}: has no text in it")
    return data


def tell(words):
    print(f"bench: {words}", file=sys.stderr)


def install():
    done = subprocess.run([SIM / "install-packages", SIM / "bench-packages.txt"], check=False, stdout=sys.stderr)
    if done.returncode:
        tell("not everything could be installed; what is missing is left out of the table")


def measure_ours(path):
    """What bench-text says of the file."""
    build = subprocess.run([SIM / "build"], check=False, stdout=subprocess.PIPE, text=True)
    if build.returncode:
        sys.exit(build.returncode)
    done = subprocess.run([pathlib.Path(build.stdout.strip()) / "sim/bench-text", path], check=False,
                          stdout=subprocess.PIPE, text=True)
    if not done.stdout:
        sys.exit(f"bench: bench-text ended with {done.returncode}")
    return json.loads(done.stdout)


def write_files(messages, folder):
    folder.mkdir()
    names = [f"{number:07d}" for number in range(len(messages))]
    for name, message in zip(names, messages):
        (folder / name).write_bytes(message.text)
    return names


def pack_each(command, suffix, names, folder):
    """The packed size of each file; the packed files are dropped again."""
    for at in range(0, len(names), FILES_AT_ONCE):
        subprocess.run([*command, *names[at:at + FILES_AT_ONCE]], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    packed = [folder / (name + suffix) for name in names]
    sizes = [path.stat().st_size for path in packed]
    for path in packed:
        path.unlink()
    return sizes


def pack_ppmd(program, names, folder):
    """7-Zip packs each file of a .zip alone, and the .zip tells the size of each without its header."""
    archive = folder / "all.zip"
    subprocess.run([program, "a", "-tzip", "-mm=PPMd", "-mx=9", "-bso0", "-bsp0", archive, f"@{folder / 'names'}"],
                   cwd=folder, check=True)
    with zipfile.ZipFile(archive) as packed:
        size_of = {entry.filename: entry.compress_size for entry in packed.infolist()}
    return [size_of[name] for name in names]


def train_dictionary(folder):
    """A dictionary of the texts that the model was trained with, of the usual size: zstd warns that it is large for
    them, but a smaller one packs worse."""
    messages = [message for path in sorted((MODEL / "texts").glob("*.tsv")) if path != HELD_OUT
                for message in read_messages(path.read_bytes())]
    names = write_files(messages, folder / "training")
    dictionary = folder / "dictionary"
    subprocess.run(["zstd", "--train", "-qq", "-o", dictionary, *names], cwd=folder / "training", check=True)
    return dictionary


def measure_others(messages, folder):
    """The sizes of the packed messages, by tool."""
    names = write_files(messages, folder / "messages")
    sizes = {}
    dictionary = train_dictionary(folder) if shutil.which("zstd") else None
    for tool, (command, suffix) in PACKERS.items():
        if shutil.which(command.split()[0]):
            words = [word.format(dictionary=dictionary) for word in command.split()]
            sizes[tool] = pack_each(words, suffix, names, folder / "messages")
    seven_zip = shutil.which("7zz") or shutil.which("7z")
    if seven_zip:
        (folder / "messages/names").write_text("\n".join(names))
        sizes[SEVEN_ZIP] = pack_ppmd(seven_zip, names, folder / "messages")
    return sizes


def bits_per_char(messages, sizes, language=None):
    chosen = [(message.chars, size) for message, size in zip(messages, sizes)
              if language is None or message.language == language]
    return 8 * sum(size for _, size in chosen) / sum(chars for chars, _ in chosen)


def row_of(messages, sizes, languages):
    return {"bits_per_char": round(bits_per_char(messages, sizes), 4),
            "languages": {name: round(bits_per_char(messages, sizes, name), 4) for name in languages}}


def print_table(rows, languages):
    width = max(map(len, rows))
    print(f"{'bits a character':{width}}" + "".join(f"  {name:>6.6}" for name in ["all", *languages]))
    for tool, row in rows.items():
        figures = [row["bits_per_char"], *(row["languages"][name] for name in languages)]
        print(f"{tool:{width}}" + "".join(f"  {figure:6.3f}" for figure in figures))


def measure(path):
    """The summary of a file; prints the table."""
    data = read_file(path)
    install()
    messages = read_messages(data)
    with tempfile.TemporaryDirectory(prefix="radiod-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "messages.tsv").write_bytes(data)
        ours = measure_ours(folder / "messages.tsv")
        sizes = measure_others(messages, folder)
    languages = [name for name in dict.fromkeys(message.language for message in messages)
                 if name and name in ours["languages"]]
    others = {"raw UTF-8": row_of(messages, [len(message.text) for message in messages], languages),
              **{tool: row_of(messages, size, languages) for tool, size in sizes.items()}}
    rows = {**others, "radiod": {"bits_per_char": ours["bits_per_char"],
                                 "languages": {name: ours["languages"][name]["bits_per_char"] for name in languages}}}
    print(f"{path}: {len(messages)} messages, each packed alone, sizes in whole bytes")
    print_table(rows, languages)
    return {"bench": "text", "file": path.name, **ours, "model_bytes": (MODEL / "model.xz").stat().st_size,
            "others": others}


def main():
    parser = argparse.ArgumentParser(prog="sim/bench text", description="Bits a character of short texts.")
    parser.add_argument("file", nargs="?", type=pathlib.Path, default=HELD_OUT, metavar="FILE.tsv",
                        help="a message a line: KIND, LANGUAGE, TEXT; default: the texts that the model never saw")
    summary = measure(parser.parse_args().file)
    print(json.dumps(summary))
    return 1 if summary["roundtrip_failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
