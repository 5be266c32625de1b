# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's first command and its three tours, word by word, and the demo's unattended form."""

import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def demo(tmp, *options):
    return subprocess.run([ROOT / "sim" / "demo", *options], capture_output=True, text=True, timeout=900, check=False,
                          env={**os.environ, "TMPDIR": str(tmp)})


@pytest.fixture(scope="module")
def short_tmp(tmp_path_factory):
    """Socket paths must stay short."""
    folder = tmp_path_factory.mktemp("d")
    assert len(str(folder)) < 60
    return folder


def test_check_delivers_everything_and_leaves_nothing(short_tmp):
    done = demo(short_tmp, "--check")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    summary = json.loads(done.stdout.strip().splitlines()[-1])
    assert summary["ok"] and summary["sent"] == summary["delivered"] == summary["acknowledged"] == 18
    assert {(m["kind"], m["from"], m["to"]) for m in summary["messages"]} == {
        (kind, a, b) for kind in ("status", "text", "alert") for a in ("Ouanaminthe", "Belladère", "Port-au-Prince")
        for b in ("Ouanaminthe", "Belladère", "Port-au-Prince") if a != b}
    assert all(0 < m["delivered_s"] and 0 < m["acknowledged_s"] for m in summary["messages"])
    assert list(short_tmp.iterdir()) == []


def tour_commands():
    """The lines "./post command" of the README, without their comments."""
    lines = re.findall(r"^    (\./\S+ .*)$", (ROOT / "README.md").read_text(), re.M)
    return [re.sub(r"\s{2,}#.*$", "", line) for line in lines]


def run_in(folder, command):
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=200, check=False)


def newest_id(folder, post, box):
    return json.loads(run_in(folder, f"./{post} {box} --json").stdout)["messages"][0]["id"]


def test_the_three_tours_work_as_written(short_tmp):
    started = demo(short_tmp)
    try:
        assert started.returncode == 0, started.stdout[-3000:] + started.stderr
        folder = short_tmp / f"radiod-demo-{os.getuid()}"
        commands = tour_commands()
        assert len(commands) > 15
        for command in commands:
            post = command.split()[0][2:]
            box = "outbox" if "--cancel" in command else "inbox"
            done = run_in(folder, re.sub(r"\bID\b", lambda _: newest_id(folder, post, box), command))
            assert done.returncode == 0, f"{command}: {done.stderr}"
    finally:
        stopped = demo(short_tmp, "--stop")
    assert stopped.returncode == 0
    assert list(short_tmp.iterdir()) == []
