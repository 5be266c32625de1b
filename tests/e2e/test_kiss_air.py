# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick air behaves as a radio channel does: what the tests over it prove depends on that."""

import contextlib
import socket

import pytest

from kiss_air import KissAir

NEAR, MIDDLE, FAR = 1, 2, 3
FIRST, SECOND = b"\xc0\x00first\xc0", b"\xc0\x00second\xc0"
KEYING = b"\xc0\x01\x0a\xc0\xc0\x04\x01\xc0"  # TXDELAY 100 ms, TXTAIL 10 ms
SILENT_S = 1  # much longer than any burst here


@pytest.fixture
def hosts():
    """The connections of three hosts to their TNCs; the outer two do not hear each other."""
    with contextlib.ExitStack() as stack:
        air = stack.enter_context(KissAir(apart=[(NEAR, FAR)]))
        connected = {}
        for number in (NEAR, MIDDLE, FAR):
            port = int(air.channel(number)["device"].split(":")[2])
            host = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            host.settimeout(10)
            host.sendall(KEYING)
            connected[number] = host
        yield connected


def hears(host):
    """Everything until the air is silent."""
    heard = b""
    host.settimeout(SILENT_S)
    with contextlib.suppress(TimeoutError):
        while piece := host.recv(4096):
            heard += piece
    return heard


def test_a_burst_is_heard_by_those_in_reach_only(hosts):
    hosts[NEAR].sendall(FIRST)
    assert [hears(hosts[number]) for number in (NEAR, MIDDLE, FAR)] == [b"", FIRST, b""]
    hosts[MIDDLE].sendall(SECOND)
    assert [hears(hosts[number]) for number in (NEAR, MIDDLE, FAR)] == [SECOND, b"", SECOND]


def test_bursts_that_overlap_at_a_station_are_both_lost_there(hosts):
    hosts[NEAR].sendall(FIRST)
    hosts[FAR].sendall(SECOND)
    assert hears(hosts[MIDDLE]) == b""


def test_a_station_that_sends_hears_nothing(hosts):
    hosts[NEAR].sendall(FIRST)
    hosts[MIDDLE].sendall(SECOND)
    assert hears(hosts[MIDDLE]) == b""
    assert hears(hosts[FAR]) == SECOND, "the one that is not in reach of the first hears the second"


def test_bursts_of_one_station_follow_each_other(hosts):
    hosts[NEAR].sendall(FIRST + SECOND)
    assert hears(hosts[MIDDLE]) == FIRST + SECOND


def test_a_host_that_comes_back_is_served(hosts):
    peer = hosts[MIDDLE].getpeername()
    hosts[MIDDLE].close()
    with socket.create_connection(peer) as again:
        again.sendall(KEYING)
        hosts[NEAR].sendall(FIRST)
        assert hears(again) == FIRST
