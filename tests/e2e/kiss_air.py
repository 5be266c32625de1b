# SPDX-License-Identifier: GPL-3.0-or-later
"""A quick half-duplex radio channel between the KISS TNCs of any number of posts, for tests that are not about sound.

    with KissAir(apart=[(1, 64)]) as air:      # pairs that do not hear each other
        air.channel(1)                         # settings of station 1's channel in radiod.conf

A burst is heard when its airtime is over.  A station that sends hears nothing, and bursts that overlap at a station
are both lost there.  Nobody listens before sending: at this rate bursts are too short for it to matter.
"""

import asyncio
import contextlib
import dataclasses
import threading

FEND, TXDELAY, TXTAIL = 0xC0, 1, 4
AIR_BAUD = 19200
FRAMING_LEN = 4  # two flags and the checksum
REMEMBERED_S = 5  # longer than any burst
CLOSED_PORT = 1  # nothing listens there: a radio that is switched off


def channel_settings(number, port=CLOSED_PORT):
    """A channel whose TNC listens at port.  The guard is room for a loaded machine: the sender must have let go of its
    PTT before the answer comes."""
    return {"modem": "kiss", "service": "test", "device": f"tcp:127.0.0.1:{port}", "air_baud": AIR_BAUD,
            "txdelay_ms": 20, "txtail_ms": 10, "answer_guard_ms": 100, "callsign": f"HH2AA-{number % 16}"}


@dataclasses.dataclass(eq=False)
class Burst:
    sender: int
    begin: float
    end: float

    def overlaps(self, other):
        return self.begin < other.end and other.begin < self.end


class Tnc:
    """The radio of one station: what it hears goes to whoever connected last."""

    def __init__(self, number):
        self.number = number
        self.writer = None
        self.keying_s = {TXDELAY: 0.5, TXTAIL: 0.1}
        self.free_at = 0  # end of its last burst

    def airtime_s(self, frame):
        return sum(self.keying_s.values()) + (len(frame) + FRAMING_LEN) * 8 / AIR_BAUD


class KissAir:
    def __init__(self, apart=()):
        self.set_apart(apart)
        self.tncs = {}
        self.bursts = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.wait_for(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def set_apart(self, apart):
        self.apart = {frozenset(pair) for pair in apart}

    def channel(self, number):
        """Gives the station a TNC and returns the settings of its channel."""
        return channel_settings(number, self.wait_for(self.open(Tnc(number))))

    def wait_for(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    async def open(self, tnc):
        self.tncs[tnc.number] = tnc
        server = await asyncio.start_server(lambda reader, writer: self.serve(tnc, reader, writer), "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    async def end(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def serve(self, tnc, reader, writer):
        tnc.writer = writer
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                self.take(tnc, (await reader.readuntil(bytes([FEND])))[:-1])
        if tnc.writer is writer:
            tnc.writer = None
        writer.close()

    def take(self, tnc, frame):
        """A frame from the host, escapes as they are, without the FEND around it; empty between two frames."""
        if not frame:
            return
        command = frame[0] & 15
        if command in tnc.keying_s:
            tnc.keying_s[command] = frame[1] / 100
        elif command == 0:
            begin = max(self.loop.time(), tnc.free_at)
            burst = Burst(tnc.number, begin, begin + tnc.airtime_s(frame))
            tnc.free_at = burst.end
            self.bursts = [old for old in self.bursts if old.end > begin - REMEMBERED_S] + [burst]
            self.loop.call_at(burst.end, self.finish, burst, frame)

    def finish(self, burst, frame):
        for number, tnc in self.tncs.items():
            if tnc.writer and number != burst.sender and self.reaches(burst, number) and self.is_clear(burst, number):
                tnc.writer.write(bytes([FEND]) + frame + bytes([FEND]))

    def reaches(self, burst, number):
        return frozenset((burst.sender, number)) not in self.apart

    def is_clear(self, burst, number):
        """The station itself is among those whose bursts reach it: half duplex."""
        return not any(other is not burst and self.reaches(other, number) and burst.overlaps(other)
                       for other in self.bursts)
