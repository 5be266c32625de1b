# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of tests/e2e/test_relay.py over real sound: the posts' soft modems in the ether, in real time."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

# The fixtures, and the test bodies with what they use.
from conftest import box, network, provisioned  # noqa: F401
from test_relay import *  # noqa: F403
from test_relay import start_clockless


class Sound:
    """The ether as the carrier; see Carrier in test_relay.py."""

    beacon_interval_s = 30
    through_s = 300
    key_wait_min = 2

    def __init__(self, network):
        self.network = network

    def start(self, apart):
        self.network.start_ether(15, apart=apart)

    def channel(self, number):
        return self.network.sound_channel(number, modes="DATAC0")


@pytest.fixture
def carrier(network):
    return Sound(network)


@pytest.fixture
def clockless(network, carrier):
    return start_clockless(network, carrier)
