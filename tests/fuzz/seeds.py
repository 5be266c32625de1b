# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the first inputs of every fuzz target, mostly from the vectors of PROTOCOL.md.

Usage: seeds.py ROOT FOLDER STAMP      one folder for each target inside FOLDER; STAMP is written at the end"""

import pathlib
import re
import sys

MESSAGE_ITEMS = {"status": 1, "difference": 1, "alert": 2, "text": 3, "receipt": 4}

# Commands of fuzz_node.c.
TIME, DEADLINES, FILE, CANCEL, NOISE, ECHO, PEER, CHANNEL, STORE, POWER, EXPLAIN = 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11
CARRIER_ON, CARRIER_OFF, SENT, REFUSED, CHANNEL_DOWN, CHANNEL_UP = 8, 0, 1, 2, 3, 11

# First bytes of fuzz_text_code.c: READ and the offset within a byte.
READ, UNPACK = 0, 8

CONFIG = """[station]
key_file = station.key
language = fr
beacon_interval_s = 600

[channel vhf]
modem = kiss
service = licensed
device = /dev/ttyUSB0
baud = 9600
ax25 = yes
callsign = HH2ABC-1
txdelay_ms = 300

[channel hf]
modem = freedv
service = test
audio = alsa:plughw:1,0
modes = DATAC0,DATAC3
level = 60
ptt = rts:/dev/ttyUSB1
lead_ms = 200
"""


def read_vectors(document):
    """The blocks as dictionaries; of a key that comes more than once the last value stays."""
    return [dict(line.split(" = ", 1) for line in block.splitlines())
            for block in re.findall(r"^```vector\n(.*?)^```$", document, re.M | re.S)]


def from_bits(bits):
    return bytes(int(bits[i:i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))


def item(kind, body):
    """A message's item in a frame of the next higher counter, written less than a minute ago, precedence ROUTINE."""
    return from_bits(f"{MESSAGE_ITEMS[kind]:04b}" + "001" + "0" + "00" + "".join(f"{byte:08b}" for byte in body))


def ack(code, counter):
    return from_bits(f"{5:04b}{code:03b}{counter:016b}{32:06b}")


class Seeds:
    def __init__(self, root, folder):
        self.root, self.folder, self.count = root, folder, {}

    def add(self, target, data):
        self.count[target] = self.count.get(target, 0) + 1
        path = self.folder / target
        path.mkdir(parents=True, exist_ok=True)
        (path / f"seed{self.count[target]:03d}").write_bytes(data)

    def add_vector(self, vector, base):
        kind, data = vector["kind"], bytes.fromhex(vector.get("hex", ""))
        if kind in ("status", "difference"):
            self.add("status", b"\0" + data)
            self.add("status", bytes([len(base)]) + base + data)
        elif kind in ("alert", "text", "receipt"):
            self.add(kind, data)
            if kind == "text":
                self.add_text_code(data)
        elif kind in ("head", "ack", "hello"):
            self.add("item", int(vector.get("frame_counter", 1000)).to_bytes(4, "big") + data)
        elif kind == "frame":
            self.add_frame(vector, data)
        elif kind in ("directory", "order"):
            self.add(kind, data[:-64])
        elif kind in ("bundle", "pieces", "list"):
            self.add("bundle", b"".join(int(vector.get(key, 1)).to_bytes(size, "big")
                                        for key, size in (("source", 2), ("frame_counter", 4))) + data)
        elif data:
            self.add(kind, data)
        if kind in MESSAGE_ITEMS:
            self.add_content(item(kind, data))
            self.add_filing(kind, data)
        elif kind in ("ack", "hello"):
            self.add_content(data)

    def add_text_code(self, code):
        """A text as bytes whose length is kept outside, and as bits at two offsets."""
        self.add("text_code", bytes([UNPACK]) + code)
        for offset in (0, 3):
            bits = "".join(f"{byte:08b}" for byte in code)
            self.add("text_code", bytes([READ + offset]) + from_bits("1" * offset + bits))
        self.add("text_code", bytes([UNPACK, 0xff]) + code)

    def add_frame(self, vector, data):
        flags = (vector["dest"] == "0") | 2 * int(vector["short"])
        head = bytes([flags]) + int(vector["counter"]).to_bytes(4, "big") + b"\0\x21"
        self.add("frame", head + data)
        self.add("frame", head + bytes.fromhex(vector["plain"]))

    def add_content(self, plain):
        """As one frame, and as one of a longer talk with a node that files, sends and hears."""
        self.add("content", b"\x10" + len(plain).to_bytes(2, "big") + plain)
        if len(plain) < 256:
            frame = bytes([PEER, 0, 0, len(plain)]) + plain
            self.add("node", frame + bytes([DEADLINES, 3, CHANNEL, SENT, STORE, 4]) + frame + bytes([POWER, 0]) + frame)

    def add_filing(self, kind, body):
        """Filed, sent, answered by its recipient; then filed again, and the power goes in between."""
        eights = (len(body) + 7) // 8
        choice = MESSAGE_ITEMS[kind] - 1
        filing = bytes([FILE, choice, eights]) + body.ljust(8 * eights, b"\0")
        send = bytes([DEADLINES, 4, CHANNEL, SENT])
        for code in range(5):
            answer = ack(code, 1)
            self.add("node", filing + bytes([EXPLAIN, 79]) + send + bytes([PEER, 0, 0, len(answer)]) + answer + filing + bytes([POWER, 3]) + send
                     + bytes([CANCEL, 0, TIME, 0xff, 0xff]))

    def add_pieces(self):
        """A content of five pieces from its own, from repair pieces only, and from too few."""
        for numbers in (range(5), range(251, 256), (4, 4, 200, 1)):
            self.add("pieces", b"\0\x45" + bytes([len(numbers), *numbers]) + bytes(range(0x45)))

    def add_air(self):
        """A carrier comes and goes, noise and an echo are heard, the transmitter refuses, the channel goes down and up."""
        changes = (CARRIER_ON, CARRIER_OFF, REFUSED, CHANNEL_DOWN, CHANNEL_UP)
        talk = bytes([FILE, 2, 1]) + bytes.fromhex("0005840000000000") + bytes([DEADLINES, 4, ECHO])
        self.add("node", talk + b"".join(bytes([CHANNEL, change, TIME, 0xf0, 0]) for change in changes)
                 + bytes([NOISE, 13, 0x20, 1]) + bytes(11) + bytes([DEADLINES, 15]))

    def add_modem_frames(self):
        frame = b"".join(bytes(ord(letter) << 1 for letter in call) + bytes([ssid]) for call, ssid in
                         (("HH2ABC", 0xe0), ("HH2B  ", 0x61))) + b"\x03\xf0" + bytes(range(0xb0, 0xe0))
        escaped = frame.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        self.add("ax25", frame)
        self.add("ax25", b"HH2ABC-7")
        self.add("kiss", b"\xc0\x00" + escaped + b"\xc0\xc0\x10" + escaped + b"\xc0")

    def add_files(self, vectors):
        for name in ("hf", "h" * 23, "h" * 24):
            self.add("config", CONFIG.replace("channel hf", f"channel {name}").encode())
        for path in sorted((self.root / "sim/scenarios").glob("*.ini")):
            self.add("scenario", path.read_bytes())
        directory = next(vector for vector in vectors if vector["kind"] == "directory")
        # The keys behind the vectors' entry of station 1.
        self.add("key_file", "".join((
            "radiod-key 1\nnumber 1\n", f"network_id {directory['network']}\n", f"authority {directory['public']}\n",
            f"box_secret {'11' * 32}\n", f"sign_seed {'21' * 32}\n", "epoch 1\n", f"hop_key {'42' * 32}\n",
            f"directory {directory['hex']}\n")).encode())
        for body in re.findall(r"^ +(\{\"(?:kind|step|text)\".*\})$", (self.root / "radiod/api/API.md").read_text(), re.M):
            self.add("json", body.encode())


def main(root, folder, stamp):
    seeds = Seeds(root, folder)
    vectors = read_vectors((root / "protocol/PROTOCOL.md").read_text())
    base = next(bytes.fromhex(vector["hex"]) for vector in vectors if vector.get("name") == "routine, four groups")
    for vector in vectors:
        seeds.add_vector(vector, base)
    seeds.add_pieces()
    seeds.add_air()
    seeds.add_modem_frames()
    seeds.add_files(vectors)
    stamp.write_text("".join(f"{target} {count}\n" for target, count in sorted(seeds.count.items())))


main(*(pathlib.Path(argument) for argument in sys.argv[1:4]))
