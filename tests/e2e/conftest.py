# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: a folder with real posts in it."""

import pathlib
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sim"))

import air  # noqa: E402
from network_in_a_box import Box  # noqa: E402
from modem_tool import built  # noqa: E402

STATIONS = [
    (1, "Ouanaminthe", "HH2OU", "post", "NE", "Nord-Est"),
    (2, "Belladère", "HH2BL", "post", "CE", "Centre"),
    (64, "Port-au-Prince", "HH2PP", "coordinator", "OU", "Ouest"),
]


@pytest.fixture
def box():
    """An empty box; its processes end with the test, and so does its folder."""
    folder = tempfile.mkdtemp(prefix="radiod-e2e-")
    made = Box(folder, built(""))
    yield made
    made.close()


@pytest.fixture
def network(box):
    """A box whose network of three is provisioned, with no post running yet."""
    box.provision(STATIONS)
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
