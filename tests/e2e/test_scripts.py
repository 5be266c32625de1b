# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of sim/ as people start them: from elsewhere, through a link, and without the right to install."""

import json
import os
import shutil
import subprocess

import pytest

from modem_tool import ROOT, built

BENCHED = b"""report\tht\tBonjou, pon an bouche, kamyon yo ap tann.\r
request\tes\tNecesitamos agua para 40 personas, por favor.\r
reply\tes\tAgua en camino, llega a las 15:30.
no language here
bytes\ten\tnot UTF-8: \xff\xfe
report\ten\tlast line, without an end"""


def test_a_benchmark_starts_through_a_link_from_any_folder(tmp_path):
    (tmp_path / "bench").symlink_to(ROOT / "sim" / "bench")
    done = subprocess.run([tmp_path / "bench", "airtime", "--help"], capture_output=True, text=True, cwd=tmp_path,
                          timeout=600, check=False, env={**os.environ, "RADIOD_BUILD": str(built(""))})
    assert done.returncode == 0 and "usage" in (done.stdout + done.stderr).lower(), done.stderr


def test_without_root_and_sudo_the_missing_packages_are_named(tmp_path):
    for tool in ("cat", "sed", "tr", "grep", "dpkg-query"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    fake_id = tmp_path / "id"
    fake_id.write_text("#!/bin/sh\necho 1000\n")
    fake_id.chmod(0o755)
    wanted = tmp_path / "wanted"
    wanted.write_text("no-such-package-a  # reason\nno-such-package-b\n")
    done = subprocess.run([ROOT / "sim" / "install-packages", wanted], capture_output=True, text=True, check=False,
                          env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "apt-get install no-such-package-a no-such-package-b" in done.stderr and "root" in done.stderr


def bench_text(*arguments):
    return subprocess.run([ROOT / "sim" / "bench", "text", *arguments], capture_output=True, text=True, check=False,
                          timeout=600, env={**os.environ, "RADIOD_BUILD": str(built(""))})


def test_the_text_benchmark_measures_every_message_of_a_file(tmp_path):
    path = tmp_path / "few.tsv"
    path.write_bytes(BENCHED)
    done = bench_text(path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    texts = [line.rstrip(b"\r").split(b"\t")[-1] for line in BENCHED.split(b"\n")]
    assert summary["messages"] == len(texts)
    assert summary["raw_bytes"] == sum(map(len, texts))
    assert summary["chars"] == summary["raw_bytes"]
    assert {name: sums["messages"] for name, sums in summary["languages"].items()} == {"ht": 1, "es": 2, "en": 2}
    assert summary["bits_per_char"] == pytest.approx(8 * summary["packed_bytes"] / summary["chars"], rel=1e-3)
    assert summary["bits_per_char"] < 6 and summary["most_extra_bytes"] <= 1 and summary["roundtrip_failures"] == 0
    assert summary["others"]["raw UTF-8"]["bits_per_char"] == 8
    assert {"gzip -9", "bzip2 -9", "brotli -q 11", "zstd -19, trained"} <= set(summary["others"])
    assert all(row["bits_per_char"] > summary["bits_per_char"] for row in summary["others"].values())


@pytest.mark.parametrize("content,reason", [(None, "No such file"), (b"", "no text"), (b"\n\t\t\n\r\n", "no text")])
def test_the_text_benchmark_says_what_is_wrong_with_a_file(tmp_path, content, reason):
    path = tmp_path / "wrong.tsv"
    if content is not None:
        path.write_bytes(content)
    done = bench_text(path)
    assert done.returncode == 1 and not done.stdout
    assert reason in done.stderr and str(path) in done.stderr and "Traceback" not in done.stderr
