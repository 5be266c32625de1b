# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds and runs all tests, and counts their cases.  See tests/run and tests/soak/run."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

TOP = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("RADIOD_BUILD", TOP / "build-test"))
COMPILERS = ("gcc", "clang")
# For each fuzz target, and for all of them together: long enough to see what is broken at once.
FUZZ_SECONDS, FUZZ_SECONDS_MAX = 5, 90
FOLDERS = ("tests/unit", "tests/e2e", "tests/vm")
# End-to-end tests that wait for real time most of the while run beside the others.  Only one of these groups may use
# sound: two would starve each other's modems on two slow cores.
BESIDE = {"sound": ("tests/e2e/test_kill.py", "tests/e2e/test_demo.py"), "relay": ("tests/e2e/test_relay.py",)}
# What takes too long for every time: tests/soak/run.
SOAK = "--soak"


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def line(self):
        skipped = f", {len(self.skipped)} skipped" if self.skipped else ""
        return f"{self.passed} passed, {len(self.failed)} failed{skipped}"


def step(text):
    print(f"== {text}", flush=True)


def run(arguments, **options):
    return subprocess.run([str(a) for a in arguments], cwd=TOP, check=False, **options)


def build_without_warnings(tally, folder):
    """Every compiler takes everything at the release's optimisation, and complains of nothing."""
    for compiler in COMPILERS:
        step(f"build with {compiler}, warnings are errors")
        target = pathlib.Path(folder) / compiler
        made = run(["meson", "setup", target, "--buildtype=release", "-Dwerror=true"], env={**os.environ, "CC": compiler},
                   capture_output=True, text=True)
        if made.returncode == 0:
            made = run(["ninja", "-C", target], capture_output=True, text=True)
        if made.returncode == 0:
            tally.passed += 1
        else:
            print(made.stdout[-4000:], made.stderr[-1000:])
            tally.failed.append(f"build with {compiler}")


def build_sanitized():
    step("build with address and undefined behaviour sanitizers")
    if not (BUILD / "build.ninja").exists():
        setup = run(["meson", "setup", BUILD, "-Db_sanitize=address,undefined", "-Dwerror=true"], capture_output=True,
                    text=True)
        if setup.returncode:
            sys.exit(setup.stdout + setup.stderr)
    made = run(["ninja", "-C", BUILD], capture_output=True, text=True)
    if made.returncode:
        sys.exit(made.stdout[-6000:])


def count_cmocka(tally, name, output, status):
    """Counts the cases of one program; a program that ends badly without naming a case counts as one failure."""
    failed = sorted(set(re.findall(r"\[  FAILED  \] ([a-z_]\w*)", output)))
    passed = len(re.findall(r"\[       OK \] ", output))
    skipped = re.findall(r"\[  SKIPPED \] (\w+)", output)
    tally.passed += passed
    tally.failed += [f"{name}: {case}" for case in failed]
    tally.skipped += [f"{name}: {case}" for case in dict.fromkeys(skipped)]
    if status == "SKIP":
        tally.skipped.append(name)
    elif status != "OK" and not failed:
        tally.failed.append(f"{name}: ended with {status}")
    elif not passed and not failed and not skipped:
        tally.passed += 1


def shorten(output, first=2000, last=4000):
    """The beginning, where seeds are told, and the end, where the failures are."""
    return output if len(output) <= first + last else f"{output[:first]}\n[...]\n{output[-last:]}"


def run_units(tally):
    step("unit tests")
    run(["meson", "test", "-C", BUILD, "--no-rebuild", "--num-processes", "2"], stdout=subprocess.DEVNULL)
    with open(BUILD / "meson-logs" / "testlog.json", encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            output = (test.get("stdout") or "") + (test.get("stderr") or "")
            count_cmocka(tally, test["name"], output, test["result"])
            if test["result"] not in ("OK", "SKIP"):
                print(f"--- {test['name']}: {test['result']}\n{shorten(output)}")


def run_fuzz(tally):
    """Every fuzz target for a moment, one counted test each; at length: tests/fuzz/run."""
    step("fuzz targets")
    ended = run(["/usr/bin/python3", "-B", "tests/fuzz/run.py", "--seconds", FUZZ_SECONDS, "--at-most", FUZZ_SECONDS_MAX,
                 "--jobs", "2"], env={**os.environ, "RADIOD_FUZZ_BUILD": f"{BUILD}-fuzz"}, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True)
    print(ended.stdout)
    lines = re.findall(r"^fuzz (\w+): .*, (\d+) crashes$", ended.stdout, re.M)
    tally.passed += sum(crashes == "0" for _, crashes in lines)
    tally.failed += [f"fuzz {name}" for name, crashes in lines if crashes != "0"]
    if ended.returncode == 77:
        tally.skipped.append(f"fuzz targets: {ended.stdout.splitlines()[0]}")
    elif not lines:
        tally.failed.append(f"fuzz targets: ended with {ended.returncode}")


def start_pytest(folder, name, arguments):
    """Starts one pytest; its words go to a file, so that two side by side do not mix."""
    environment = {**os.environ, "RADIOD_BUILD": str(BUILD), "PYTHONDONTWRITEBYTECODE": "1"}
    with open(pathlib.Path(folder) / f"{name}.log", "wb") as log:
        return subprocess.Popen(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", "--durations=5",
                                 f"--junitxml={folder}/{name}.xml", *arguments], cwd=TOP, env=environment, stdout=log,
                                stderr=subprocess.STDOUT)


def count_pytest(tally, folder, name):
    print((pathlib.Path(folder) / f"{name}.log").read_text(errors="replace"))
    report = pathlib.Path(folder) / f"{name}.xml"
    if not report.exists():
        tally.failed.append(f"pytest {name} did not run")
        return
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        case_name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed.append(case_name)
        elif case.find("skipped") is not None:
            tally.skipped.append(f"{case_name}: {case.find('skipped').get('message')}")
        else:
            tally.passed += 1


def groups_of(arguments):
    """The words for each pytest: one for all that arguments choose, or several side by side for everything."""
    if arguments[:1] == [SOAK]:
        return {"soak": ["tests/soak", *arguments[1:]]}
    if arguments:
        return {"chosen": [*FOLDERS, *arguments]}
    ignored = [f"--ignore={path}" for paths in BESIDE.values() for path in paths]
    return {**BESIDE, "others": [*FOLDERS, *ignored]}


def run_pytest(tally, folder, arguments):
    step("end-to-end tests")
    groups = groups_of(arguments)
    running = {name: start_pytest(folder, name, words) for name, words in groups.items()}
    for name, process in running.items():
        process.wait()
        count_pytest(tally, folder, name)


def main():
    began = time.monotonic()
    arguments = sys.argv[1:]
    tally = Tally()
    build_sanitized()
    with tempfile.TemporaryDirectory(prefix="radiod-tests-") as folder:
        if not arguments:
            build_without_warnings(tally, folder)
            run_units(tally)
            run_fuzz(tally)
        run_pytest(tally, folder, arguments)
    for name in tally.skipped:
        print(f"skipped: {name}")
    for name in tally.failed:
        print(f"failed: {name}")
    print(f"{time.monotonic() - began:.0f} s")
    print(tally.line(), flush=True)
    return 1 if tally.failed or not tally.passed else 0


sys.exit(main())
