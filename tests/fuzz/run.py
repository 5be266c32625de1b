# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the fuzz targets and runs them side by side, one line each.  See tests/fuzz/run.

Exit status: 0 no crash, 1 a crash or a build that failed, 77 this machine cannot build fuzz targets."""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("RADIOD_FUZZ_BUILD", TOP / "build-fuzz"))
CANNOT = 77
# One input may take this long, on a busy machine too; more is a hang.
HANG_S = 20
MEMORY_MB = 1024


def read_arguments():
    parser = argparse.ArgumentParser(prog="tests/fuzz/run", description="Runs the fuzz targets.")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default 60)")
    parser.add_argument("--at-most", type=int, metavar="S", help="seconds in all: each target gets less if need be")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="targets at a time (default: all cores)")
    parser.add_argument("--corpus", type=pathlib.Path, metavar="FOLDER",
                        help="keeps the inputs found, one folder a target; default: they are dropped")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="such as node; default: all")
    return parser.parse_args()


def why_not():
    """Why fuzz targets cannot be built here, or None."""
    program = "int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n)" \
              "{ return d && n < 0; }"
    try:
        made = subprocess.run(["clang", "-xc", "-fsanitize=fuzzer,address,undefined", "-", "-o", "/dev/null"],
                              input=program, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "clang is missing: apt-get install clang libclang-rt-dev"
    return f"clang does not link with -fsanitize=fuzzer: apt-get install libclang-rt-dev\n{made.stderr}" \
        if made.returncode else None


def build():
    """Returns the compiler's complaints, or None."""
    made = None
    if not (BUILD / "build.ninja").exists():
        made = subprocess.run(["meson", "setup", BUILD, TOP, "-Dfuzz=true", "-Db_sanitize=address,undefined",
                               "-Db_lundef=false"], env={**os.environ, "CC": "clang"}, capture_output=True, text=True,
                              check=False)
    if not made or made.returncode == 0:
        made = subprocess.run(["ninja", "-C", BUILD, "fuzz"], capture_output=True, text=True, check=False)
    return (made.stdout + made.stderr)[-4000:] if made.returncode else None


def programs(wanted):
    found = {path.name.removeprefix("fuzz_"): path for path in sorted((BUILD / "tests/fuzz").glob("fuzz_*"))
             if path.is_file() and os.access(path, os.X_OK)}
    unknown = set(wanted) - set(found)
    if unknown:
        sys.exit(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(found)}")
    return {name: path for name, path in found.items() if not wanted or name in wanted}


def last_number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def run_target(name, program, seconds, corpus):
    """Runs one target on its own corpus and the seeds.  Returns whether all went well."""
    crashes = BUILD / "crashes" / name
    seeds = BUILD / "tests/fuzz/seeds" / name
    for folder in (crashes, corpus / name, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run([program, f"-max_total_time={seconds}", f"-timeout={HANG_S}", f"-rss_limit_mb={MEMORY_MB}",
                            "-print_final_stats=1", f"-artifact_prefix={crashes}/", corpus / name, seeds],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", check=False)
    runs = last_number(r"stat::number_of_executed_units: (\d+)", ended.stdout) or last_number(r"#(\d+)\t", ended.stdout)
    print(f"fuzz {name}: {runs} runs, {last_number(r'cov: ([0-9]+)', ended.stdout)} edges, "
          f"{int(ended.returncode != 0)} crashes", flush=True)
    if ended.returncode:
        tell_crash(program, ended)
    return ended.returncode == 0


def tell_crash(program, ended):
    kept = re.findall(r"Test unit written to (\S+)", ended.stdout)
    print(ended.stdout[-3000:])
    print(f"repeat with: {program} {kept[-1]}" if kept else f"no input was kept; exit status {ended.returncode}",
          flush=True)


def run_all(arguments, corpus):
    chosen = programs(arguments.targets)
    seconds = arguments.seconds
    if arguments.at_most:
        rounds = -(-len(chosen) // arguments.jobs)
        seconds = max(1, min(seconds, arguments.at_most // rounds))
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        good = list(pool.map(lambda pair: run_target(*pair, seconds, corpus), chosen.items()))
    print(f"{len(good)} targets, {seconds} s each: {good.count(False)} with crashes")
    return 0 if all(good) else 1


def main():
    arguments = read_arguments()
    reason = why_not()
    if reason:
        print(reason)
        return CANNOT
    complaint = build()
    if complaint:
        print(complaint)
        return 1
    if arguments.corpus:
        return run_all(arguments, arguments.corpus)
    with tempfile.TemporaryDirectory(prefix="radiod-fuzz-") as folder:
        return run_all(arguments, pathlib.Path(folder))


sys.exit(main())
