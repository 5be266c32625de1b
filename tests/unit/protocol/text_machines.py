# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the text code writes the same bits whatever compiles and runs it: two compilers, no and full optimisation,
checks of undefined behaviour, and arm64 in an emulator.

Usage: text_machines.py ROOT GENERATED.c...      the tables that the build made
Exit status: 0 all the same, 1 a difference, 77 the same where it could be tried, but not all could be."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

LINES = 100
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE"]
ARM_LIBC = pathlib.Path("/usr/aarch64-linux-gnu")
EMULATOR = ["qemu-aarch64", "-L", str(ARM_LIBC)]
UNDEFINED = ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
PACKAGES = {"clang": "clang", "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu", "qemu-aarch64": "qemu-user"}
AMD64, ARM64 = "amd64", "arm64"

# (architecture, compiler, its options)
MACHINES = [
    (AMD64, "gcc", ["-O0"]),
    (AMD64, "gcc", ["-O3"]),
    (AMD64, "clang", ["-O0"]),
    (AMD64, "clang", ["-O3"]),
    (AMD64, "clang", ["-O1", *UNDEFINED]),
    (ARM64, "aarch64-linux-gnu-gcc", ["-O0"]),
    (ARM64, "aarch64-linux-gnu-gcc", ["-O3"]),
]


def why_not(architecture, compiler):
    """Why this machine cannot be tried, or None."""
    wanted = [compiler, "qemu-aarch64"] if architecture == ARM64 else [compiler]
    for program in wanted:
        if not shutil.which(program):
            return f"{program} is missing: apt-get install {PACKAGES.get(program, program)}"
    if architecture == ARM64 and not ARM_LIBC.exists():
        return f"{ARM_LIBC} is missing: apt-get install libc6-dev-arm64-cross"
    return None


def run(command, **options):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:6]))} ...: {done.returncode}\n"
                 f"{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


class Builder:
    def __init__(self, root, generated, folder):
        self.root, self.generated, self.folder = root, generated, folder
        self.sources = [*sorted((root / "protocol/text").glob("*.c")), *sorted((root / "protocol/base").glob("*.c")),
                        root / "tests/unit/protocol/text_machine.c"]
        self.tables = {}

    def build_tables(self, architecture, compiler):
        """The large generated files, without optimisation and once for an architecture: they are only data."""
        if architecture not in self.tables:
            objects = []
            for source in self.generated:
                objects.append(self.folder / f"{source.stem}-{architecture}.o")
                run([compiler, *FLAGS, "-O0", f"-I{self.root}", "-c", source, "-o", objects[-1]])
            self.tables[architecture] = objects
        return self.tables[architecture]

    def build(self, architecture, compiler, options):
        program = self.folder / "-".join([compiler, *options[:1], str(len(options))])
        run([compiler, *FLAGS, *options, f"-I{self.root}", *self.sources, *self.build_tables(architecture, compiler),
             "-o", program])
        return program


def first_difference(want, got):
    for number, (left, right) in enumerate(zip(want.splitlines(), got.splitlines()), 1):
        if left != right:
            return f"line {number}: {left.decode()[:100]} / {right.decode()[:100]}"
    return f"{len(want.splitlines())} and {len(got.splitlines())} lines"


def main(root, generated):
    texts = root / "protocol/text/model/texts/held-out.tsv"
    want, skipped, wrong, same = None, False, False, 0
    with tempfile.TemporaryDirectory(prefix="radiod-machines-") as folder:
        builder = Builder(root, generated, pathlib.Path(folder))
        for architecture, compiler, options in MACHINES:
            name = f"{architecture} {compiler} {' '.join(options)}"
            reason = why_not(architecture, compiler)
            if reason:
                print(f"{name}: skipped, {reason}", flush=True)
                skipped = True
                continue
            program = builder.build(architecture, compiler, options)
            got = run([*(EMULATOR if architecture == ARM64 else []), program, texts, str(LINES)])
            want = want or got
            if len(got.splitlines()) != 3 * LINES:
                sys.exit(f"{name}: {len(got.splitlines())} lines came out, not three for each of {LINES} messages")
            same += got == want
            wrong |= got != want
            print(f"{name}: {'the same' if got == want else first_difference(want, got)}", flush=True)
    print(f"{same} machines write and read the same")
    return 1 if wrong or not same else 77 if skipped else 0


sys.exit(main(pathlib.Path(sys.argv[1]), [pathlib.Path(path) for path in sys.argv[2:]]))
