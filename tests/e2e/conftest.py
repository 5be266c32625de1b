# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: a folder with real posts in it."""

import contextlib
import pathlib
import shutil
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sim"))

import air  # noqa: E402
from cli_posts import Post, make_network  # noqa: E402
from network_in_a_box import Box  # noqa: E402
from modem_tool import built  # noqa: E402

STATIONS = [
    (1, "Ouanaminthe", "HH2OU", "post", "NE", "Nord-Est"),
    (2, "Belladère", "HH2BL", "post", "CE", "Centre"),
    (64, "Port-au-Prince", "HH2PP", "coordinator", "OU", "Ouest"),
]


@contextlib.contextmanager
def empty_box():
    """Its processes end with it, and so does its folder."""
    made = Box(tempfile.mkdtemp(prefix="radiod-e2e-"), built(""))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def box():
    with empty_box() as made:
        yield made


@pytest.fixture(scope="session")
def provisioned():
    """The folder of a network of three and its key files, made once: under sanitizers it takes seconds."""
    with empty_box() as made:
        made.provision(STATIONS)
        yield made.folder


@pytest.fixture
def network(box, provisioned):
    """A box whose network of three is provisioned, with no post running yet."""
    shutil.copytree(provisioned, box.folder, dirs_exist_ok=True)
    return box


MODEMS = {1200: "1200", 300: "300 1600:1800"}


@pytest.fixture(scope="module", params=MODEMS, ids=lambda baud: f"{baud}Bd")
def channel(request):
    """Two real Dire Wolf TNCs that hear each other: (baud, air)."""
    reason = air.missing()
    if reason:
        pytest.skip(reason)
    with air.Air(MODEMS[request.param]) as started:
        yield request.param, started


@pytest.fixture(scope="module")
def lonely(tmp_path_factory):
    """A post whose radio is switched off."""
    folder = tmp_path_factory.mktemp("lonely")
    make_network(folder)
    with Post(folder, 2) as running:
        yield running
