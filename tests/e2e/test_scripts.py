# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of sim/ as people start them: from elsewhere, through a link, and without the right to install."""

import os
import shutil
import subprocess

from modem_tool import ROOT, built


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
