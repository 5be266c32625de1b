# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the second implementation for items that carry what passes through stations: bundles, pieces with their
erasure code, proofs, lists, counters and polls."""
from second_implementation import Reader, Writer, get_distance, get_station, put_distance, put_station

BUNDLE, PIECES, PROOF, LIST, COUNTER, POLL = range(7, 13)
SEALED, ALERT, ORDER, TIME = range(4)


def put_identity(out, origin, counter, frame):
    """frame: source and counter of the frame around the item."""
    own = origin == frame[0] and 0 <= frame[1] - counter < 1 << 31
    out.put(1 if own else 0, 1)
    if own:
        put_distance(out, frame[1] - counter)
        return
    put_station(out, origin)
    size = (counter.bit_length() + 7) // 8
    out.put(size - 1, 2)
    out.put(counter, 8 * size)


def get_identity(source, frame):
    if source.get(1):
        return frame[0], frame[1] - get_distance(source)
    origin = get_station(source)
    return origin, source.get(8 * (source.get(2) + 1))


def put_unless_zero(out, value, bits):
    out.put(1 if value else 0, 1)
    if value:
        out.put(value, bits)


def put_bundle_head(out, head, frame):
    sealed = head["bundle_kind"] == SEALED
    out.put(head["bundle_kind"], 2)
    out.put(head["precedence"], 2)
    if head["bundle_kind"] == ALERT:
        out.put(head["has_proof"], 1)
    put_identity(out, head["origin"], head["counter"], frame)
    if sealed:
        put_station(out, head["dest"])
    if head["bundle_kind"] in (SEALED, ORDER):
        out.put(head["life"], 6)
    if sealed:
        put_unless_zero(out, head["journey"], 8)
    put_unless_zero(out, head["age"], 16)
    out.put(head["len"] - 1, 10)


def get_bundle_head(source, frame):
    head = {"bundle_kind": source.get(2), "precedence": source.get(2)}
    sealed = head["bundle_kind"] == SEALED
    if head["bundle_kind"] == ALERT:
        head["has_proof"] = source.get(1)
    head["origin"], head["counter"] = get_identity(source, frame)
    if sealed:
        head["dest"] = get_station(source)
    if head["bundle_kind"] in (SEALED, ORDER):
        head["life"] = source.get(6)
    if sealed:
        head["journey"] = source.get(8) if source.get(1) else 0
    head["age"] = source.get(16) if source.get(1) else 0
    head["len"] = source.get(10) + 1
    return head


def begin_item(kind):
    out = Writer()
    out.put(kind, 4)
    return out


def open_item(data, kind):
    source = Reader(data)
    assert source.get(4) == kind
    return source


def rest(source, data, size):
    """size bytes from the next whole byte on, which must end the item."""
    at = (source.at + 7) // 8
    assert len(data) == at + size and set(source.bits[source.at:8 * at]) <= {"0"}
    return data[at:]


def put_bundle(head, content, frame):
    out = begin_item(BUNDLE)
    put_bundle_head(out, head, frame)
    return out.bytes() + content


def get_bundle(data, frame):
    source = open_item(data, BUNDLE)
    head = get_bundle_head(source, frame)
    return head, rest(source, data, head["len"])


def put_pieces(head, first, pieces, frame):
    out = begin_item(PIECES)
    put_bundle_head(out, head, frame)
    out.put(first, 8)
    out.put(len(pieces) // 16, 6)
    return out.bytes() + pieces


def get_pieces(data, frame):
    source = open_item(data, PIECES)
    head = get_bundle_head(source, frame)
    first, count = source.get(8), source.get(6)
    return head, first, rest(source, data, 16 * count)


def put_proof(origin, counter, proof, frame):
    out = begin_item(PROOF)
    put_identity(out, origin, counter, frame)
    return out.bytes() + proof


def get_proof(data, frame):
    source = open_item(data, PROOF)
    origin, counter = get_identity(source, frame)
    return origin, counter, rest(source, data, 64)


def put_list(complete, names):
    out = begin_item(LIST)
    out.put(complete, 1)
    out.put(len(names), 7)
    for origin, low in names:
        put_station(out, origin)
        out.put(low, 16)
    return out.bytes()


def get_list(data):
    source = open_item(data, LIST)
    complete, count = source.get(1), source.get(7)
    return complete, [(get_station(source), source.get(16)) for _ in range(count)]


def put_counter(counter, echo):
    out = begin_item(COUNTER)
    out.put(counter, 32)
    out.put(echo, 16)
    return out.bytes()


def get_counter(data):
    source = open_item(data, COUNTER)
    return source.get(32), source.get(16)


def put_poll(seconds):
    out = begin_item(POLL)
    out.put(seconds, 8)
    return out.bytes()


def get_poll(data):
    return open_item(data, POLL).get(8)


# ---- The erasure code, by powers of x

EXP = [1]
for _ in range(254):
    doubled = EXP[-1] << 1
    EXP.append(doubled ^ 0x11D if doubled > 255 else doubled)
LOG = {value: power for power, value in enumerate(EXP)}


def times(a, b):
    return EXP[(LOG[a] + LOG[b]) % 255] if a and b else 0


def over(a, b):
    return EXP[(LOG[a] - LOG[b]) % 255] if a else 0


def value_at(points, x):
    """Of the polynomial of lowest degree through the points {x: bytes}."""
    total = [0] * 16
    for xi, piece in points.items():
        factor = 1
        for xj in points:
            if xj != xi:
                factor = over(times(factor, x ^ xj), xi ^ xj)
        total = [sum_ ^ times(factor, byte) for sum_, byte in zip(total, piece)]
    return bytes(total)


def source_count(size):
    return (size + 15) // 16


def make_piece(content, index):
    padded = content.ljust(16 * source_count(len(content)), b"\0")
    return value_at({i: padded[16 * i:16 * i + 16] for i in range(source_count(len(content)))}, index)


def rebuild(pieces, size):
    """pieces: {index: bytes}, as many as there are source pieces."""
    assert len(pieces) == source_count(size)
    return b"".join(value_at(pieces, i) for i in range(source_count(size)))[:size]
