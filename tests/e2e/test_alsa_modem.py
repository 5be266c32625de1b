# SPDX-License-Identifier: GPL-3.0-or-later
"""The soft modem over the real ALSA interface: two processes pass bursts both ways through a private sound server."""

import pathlib
import random
import signal
import tempfile

import pytest

import air
from modem_tool import ModemTool

DATAC0, DATAC3 = 0, 1
UNIT = {DATAC0: 14, DATAC3: 126}
BURSTS = [(DATAC0, 14), (DATAC0, 50), (DATAC3, 100), (DATAC0, 1)]
TRIES = 3  # on a loaded machine sound is lost now and then


@pytest.fixture
def sound():
    """The environment in which a_rx, a_tx, b_rx and b_tx are ALSA devices, and the sound server's process."""
    reason = air.missing()
    if reason:
        pytest.skip(reason)
    channel = air.Air()
    with channel.stack as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="radiod-alsa-")))
        yield folder / "asound.conf", channel.start_sound(folder)


def open_modem(config, side):
    def command(*argv):
        return ["env", f"ALSA_CONFIG_PATH={config}", *map(str, argv)]
    return ModemTool(command, f"alsa:{side}_rx,{side}_tx", lead=50, tail=50)


def burst(rng, length):
    """Any bytes, with the modem's own bits zero."""
    data = bytearray(rng.randbytes(length))
    data[0] &= 0xF8
    return bytes(data)


def padded(data, mode):
    return data.ljust(-(-len(data) // UNIT[mode]) * UNIT[mode], b"\0")


def pass_burst(sender, receiver, data, mode):
    for left in reversed(range(TRIES)):
        sender.send(data, mode)
        sent = sender.wait("sent", mode=mode)
        try:
            receiver.wait("frame", 3, hex=padded(data, mode).hex(), mode=mode)
            receiver.wait("carrier", busy=0)
            return sent["keyed_us"]
        except TimeoutError:
            if not left:
                raise


def test_bursts_pass_both_ways(sound):
    config, _ = sound
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    with open_modem(config, "a") as a, open_modem(config, "b") as b:
        a.wait("ready")
        b.wait("ready")
        for mode, length in BURSTS:
            there = pass_burst(a, b, burst(rng, length), mode)
            back = pass_burst(b, a, burst(rng, length), mode)
            assert there == back


def test_sound_server_that_ends_is_a_fault_and_not_a_hang(sound):
    config, server = sound
    with open_modem(config, "a") as a:
        a.wait("ready")
        a.send(bytes(126), DATAC3)
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert "alsa:a_rx,a_tx" in a.wait("fault")["text"]
        a.send(bytes(14))
        a.wait("refused")


def test_devices_that_are_not_there_are_named(sound):
    config, _ = sound
    with open_modem(config, "nowhere") as modem:
        assert "nowhere_rx" in modem.wait("fault")["text"]
