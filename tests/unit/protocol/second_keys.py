# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the second implementation that knows keys: frames, envelopes, proofs, the directory and its orders,
written from PROTOCOL.md alone."""
import hashlib

import second_crypto as crypto

PURPOSES = {"alert": b"radiod alert v1", "time": b"radiod time v1"}
ORDERS = ["put", "revoke", "epoch"]


def derive(secret, label, *parts):
    both = hashlib.blake2b(label + b"".join(parts), key=secret, digest_size=64).digest()
    return both[:32], both[32:]


def pair_key(secret, number, public, peer, peer_public, network):
    shared = crypto.x25519(secret, peer_public)
    assert any(shared)
    ordered = (public, peer_public) if number < peer else (peer_public, public)
    return derive(shared, b"radiod pair v1", network, *ordered)


# ---- Sealing

def context_of(first, source, dest, epoch, counter):
    return bytes([first]) + b"".join(
        value.to_bytes(size, "big") for value, size in ((source, 2), (dest, 2), (epoch, 4), (counter, 8)))


def tag_of(mac, context, plain, size):
    return hashlib.blake2b(context + plain, key=mac, digest_size=32).digest()[:size]


def siv_seal(mac, enc, context, size, plain):
    tag = tag_of(mac, context, plain, size)
    return tag + crypto.xchacha20_xor(enc, tag.ljust(8, b"\0") + context[1:], plain)


def siv_open(mac, enc, context, size, sealed):
    tag = sealed[:size]
    plain = crypto.xchacha20_xor(enc, tag.ljust(8, b"\0") + context[1:], sealed[size:])
    if tag_of(mac, context, plain, size) != tag:
        raise ValueError("tag")
    return plain


def put_station(number):
    return bytes([number]) if number < 256 else bytes([250 + number // 256, number % 256])


def get_station(data):
    """The number and the bytes it took."""
    if 1 <= data[0] <= 250 or data[0] == 255:
        return data[0], 1
    if 251 <= data[0] <= 254:
        return (data[0] - 250) * 256 + data[1], 2
    raise ValueError("station")


def seal(mac, enc, epoch, source, dest, counter, short, plain):
    assert dest == 0 or epoch == 0
    flags = (epoch & 1) << 5 | (dest == 0) << 4 | short << 3
    header = bytes([flags]) + put_station(source) + (counter & 0xFFFF).to_bytes(2, "big")
    return header + siv_seal(mac, enc, context_of(flags, source, dest, epoch, counter), 4 if short else 8, plain)


def unseal(mac, enc, epoch, receiver, counter, frame):
    flags = frame[0] & 0xF8
    source, used = get_station(frame[1:])
    rest = frame[1 + used:]
    assert flags >> 6 == 0 and flags >> 5 & 1 == epoch & 1
    assert int.from_bytes(rest[:2], "big") == counter & 0xFFFF
    dest = 0 if flags >> 4 & 1 else receiver
    context = context_of(flags, source, dest, epoch, counter)
    return source, siv_open(mac, enc, context, 4 if flags >> 3 & 1 else 8, rest[2:])


def envelope_context(origin, dest, counter, precedence, life):
    return context_of(0xC0 | precedence, origin, dest, life, counter)


# ---- Signatures

def signed_alert_or_time(purpose, network, origin, counter, precedence, body):
    return PURPOSES[purpose] + network + origin.to_bytes(2, "big") + counter.to_bytes(4, "big") + \
        bytes([precedence]) + body


def put_entry(entry):
    number, role, sector, department, callsign, box, sign, name = entry
    data = number.to_bytes(2, "big") + bytes([role, sector & 0xFF, department & 0xFF])
    for text in (callsign, name):
        data += bytes([len(text.encode())]) + text.encode()
    return data + box + sign


def get_entry(data):
    """The entry at the beginning of data, and the bytes it took."""
    number, role = int.from_bytes(data[:2], "big"), data[2]
    sector, department = ((b ^ 0x80) - 0x80 for b in data[3:5])
    at, texts = 5, []
    for _ in range(2):
        texts.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    entry = number, role, sector, department, texts[0], data[at:at + 32], data[at + 32:at + 64], texts[1]
    assert len(data) >= at + 64
    return entry, at + 64


def put_directory(seed, network, version, entries):
    data = b"RADIOD-DIR-1" + network + version.to_bytes(4, "big") + len(entries).to_bytes(2, "big")
    data += b"".join(put_entry(entry) for entry in entries)
    return data + crypto.ed25519_sign(seed, data)


def get_directory(public, data):
    body, signature = data[:-64], data[-64:]
    if not crypto.ed25519_verify(public, body, signature):
        raise ValueError("signature")
    assert body[:12] == b"RADIOD-DIR-1"
    network, version = body[12:20], int.from_bytes(body[20:24], "big")
    at, entries = 26, []
    for _ in range(int.from_bytes(body[24:26], "big")):
        entry, used = get_entry(body[at:])
        entries.append(entry)
        at += used
    assert at == len(body)
    return network, version, entries


def put_order(seed, network, version, order, content):
    """content: an entry, a station's number, or (epoch, minutes, commitment)."""
    body = bytes([ORDERS.index(order)]) + version.to_bytes(4, "big")
    if order == "put":
        body += put_entry(content)
    elif order == "revoke":
        body += content.to_bytes(2, "big")
    else:
        body += content[0].to_bytes(4, "big") + content[1].to_bytes(2, "big") + content[2]
    return body + crypto.ed25519_sign(seed, b"radiod order v1" + network + body)


def get_order(public, network, data):
    body, signature = data[:-64], data[-64:]
    if not crypto.ed25519_verify(public, b"radiod order v1" + network + body, signature):
        raise ValueError("signature")
    order, version, rest = ORDERS[body[0]], int.from_bytes(body[1:5], "big"), body[5:]
    if order == "put":
        content, used = get_entry(rest)
    elif order == "revoke":
        content, used = int.from_bytes(rest[:2], "big"), 2
    else:
        content, used = (int.from_bytes(rest[:4], "big"), int.from_bytes(rest[4:6], "big"), rest[6:22]), 22
    assert used == len(rest)
    return version, order, content


def commit(hop_secret):
    return hashlib.blake2b(b"radiod epoch v1" + hop_secret, digest_size=16).digest()
