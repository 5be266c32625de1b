# SPDX-License-Identifier: GPL-3.0-or-later
"""The KISS modem with real TNCs: bursts pass both ways over sound, at 1200 and 300 baud, by pseudo-terminal and TCP."""

import random

import pytest

from modem_tool import ModemTool, pass_burst

LENGTHS = {1200: (1, 60, 256), 300: (1, 30)}  # 256 bytes at 300 baud are 8 s of airtime


def burst(rng, length):
    """Any bytes, with the modem's own bits zero."""
    data = bytearray(rng.randbytes(length))
    data[0] &= 0xF8
    return bytes(data)


def open_pair(baud, stations, by):
    options = {"air": baud, "txdelay": 300, "txtail": 100, "persist": 255, "slottime": 10}
    devices = [station.pty if by == "pty" else station.kiss_tcp for station in stations]
    return [ModemTool(station.command, device, callsign=f"HH2A{station.side}", **options)
            for station, device in zip(stations, devices)]


@pytest.mark.parametrize("by", ["pty", "tcp"])
def test_bursts_pass_both_ways(channel, by):
    baud, started = channel
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    one, other = open_pair(baud, (started.a, started.b), by)
    with one as a, other as b:
        a.wait("ready")
        b.wait("ready")
        tries = 0
        for length in LENGTHS[baud]:
            tries += pass_burst(a, b, burst(rng, length))
            tries += pass_burst(b, a, burst(rng, length))
        print(f"{tries} tries for {2 * len(LENGTHS[baud])} bursts")


def test_a_port_that_another_program_has_open_is_refused(channel):
    baud, started = channel
    first, second = open_pair(baud, (started.a, started.a), "pty")
    with first as a:
        a.wait("ready")
        with second as b:
            assert "in use" in b.wait("fault")["text"]
