# SPDX-License-Identifier: GPL-3.0-or-later
"""Beacons and metrics for the second implementation, written from PROTOCOL.md alone."""
import re

import second_implementation as second


def read_octave(document):
    """The metrics of the first octave, in 65,536ths of a millisecond, as the document lists them."""
    row = re.search(r"^ *octave = ([\d ]+)$", document, re.M).group(1)
    return [int(value) for value in row.split()]


def metric_decode(octave, code):
    return (octave[code % 12] << code // 12) >> 16


def metric_encode(octave, airtime):
    return next((code for code in range(255) if metric_decode(octave, code) >= airtime), 255)


def put_station(out, number):
    if number > 255:
        out.put(250 + number // 256, 8)
    out.put(number % 256, 8)


def get_station(source):
    number = source.get(8)
    if 251 <= number <= 254:
        number = (number - 250) * 256 + source.get(8)
    if not (1 <= number <= 250 or 256 <= number <= 1279):
        raise ValueError("no such station")
    return number


def put_entry(out, entry):
    station, snr, metric, seq, wants = entry
    put_station(out, station)
    for part in (snr, metric, wants):
        out.put(0 if part is None else 1, 1)
    if snr is not None:
        out.put(63 if snr == "unknown" else snr + 22, 6)
    if metric is not None:
        out.put(metric, 8)
    if metric not in (None, 255):
        out.put(seq, 8)
    if wants is not None:
        out.put(0 if wants == "any" else 1, 1)
    if wants not in (None, "any"):
        out.put(wants, 8)


def get_entry(source):
    station = get_station(source)
    has_snr, has_route, has_want = source.get(1), source.get(1), source.get(1)
    snr = metric = seq = wants = None
    if not has_snr and not has_route and not has_want:
        raise ValueError("an entry that says nothing")
    if has_snr:
        code = source.get(6)
        snr = "unknown" if code == 63 else code - 22
    if has_route:
        metric = source.get(8)
        seq = None if metric == 255 else source.get(8)
    if has_want:
        wants = source.get(8) if source.get(1) else "any"
    return station, snr, metric, seq, wants


HEAD = (("started", 1), ("mobile", 1), ("clock", 1), ("digest", 16), ("version", 8), ("seq", 8))


def put_beacon(head, entries):
    out = second.Writer()
    out.put(6, 4)
    for name, bits in HEAD:
        out.put(head[name], bits)
    out.put(len(entries), 6)
    for entry in entries:
        put_entry(out, entry)
    return out.bytes()


def get_beacon(data):
    source = second.Reader(data)
    assert source.get(4) == 6
    head = {name: source.get(bits) for name, bits in HEAD}
    return head, [get_entry(source) for _ in range(source.get(6))]
