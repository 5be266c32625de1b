# SPDX-License-Identifier: GPL-3.0-or-later
"""A second implementation of the protocol's formats, written from PROTOCOL.md alone, which replays the vectors there in
both directions.  It shows that the document is enough.  Field and event tables are read from the document itself."""
import hashlib
import re

from second_text import get_text, put_text


class Writer:
    def __init__(self):
        self.bits = ""

    def put(self, value, width):
        assert 0 <= value < 1 << width, (value, width)
        if width:
            self.bits += format(value, "0%db" % width)

    def bytes(self):
        padded = self.bits + "0" * (-len(self.bits) % 8)
        return bytes(int(padded[i:i + 8], 2) for i in range(0, len(padded), 8))


class Reader:
    def __init__(self, data):
        self.bits = "".join(format(b, "08b") for b in data)
        self.at = 0

    def get(self, width):
        if self.at + width > len(self.bits):
            raise ValueError("short")
        value = int(self.bits[self.at:self.at + width] or "0", 2)
        self.at += width
        return value


# ---- Tables of the document

def table_rows(document, first_column):
    """The cells of the table whose heading begins with first_column."""
    lines = document.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("| %s |" % first_column))
    rows = []
    for line in lines[at + 2:]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


def read_fields(document):
    """[(group, [(field, bits)])] in the order of the presence bits."""
    groups = []
    for cells in table_rows(document, "group | bit | field"):
        if cells[0]:
            assert int(cells[1]) == len(groups)
            groups.append((cells[0], []))
        groups[-1][1].append((cells[2], int(cells[3])))
    return groups


def read_events(document):
    """(category, response, expiry) by event."""
    categories = code_list(document, "category")
    responses = code_list(document, "responseType")
    events = []
    for cells in table_rows(document, "code | name | category"):
        assert int(cells[0]) == len(events)
        events.append((categories.index(cells[2]), responses.index(cells[4]), int(cells[5])))
    return events


def code_list(document, name):
    row = next(cells for cells in all_rows(document) if cells[0] == name and len(cells) == 3)
    return [word for _, word in re.findall(r"(\d+) ([A-Za-z]+)", row[2])]


def all_rows(document):
    for line in document.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


# ---- Codecs: each writes a vector's inputs, or reads them back as the same kind of dictionary

def log8_encode(count):
    if count > 4704:
        return 255
    return min(range(255), key=lambda code: (abs(log8_decode(code) - count), code))


def log8_decode(code):
    if code < 64:
        return code
    if code < 128:
        return 64 + 2 * (code - 64)
    if code < 192:
        return 192 + 8 * (code - 128)
    return 704 + 64 * (code - 192)


def put_optional_text(out, text):
    out.put(1 if text else 0, 1)
    if text:
        put_text(out, text)


def get_optional_text(source):
    return get_text(source) if source.get(1) else ""


class Status:
    """state, restriction, groups {name: [codes]}, corrects (or None), text"""

    def __init__(self, state=0, restriction=0, groups=None, corrects=None, text=""):
        self.state, self.restriction, self.groups = state, restriction, groups or {}
        self.corrects, self.text = corrects, text

    def __eq__(self, other):
        return self.__dict__ == other.__dict__


def put_state(out, report):
    out.put(report.state, 3)
    if report.state == 2:
        out.put(report.restriction, 6)


def get_state(source):
    state = source.get(3)
    return state, source.get(6) if state == 2 else 0


def put_tail(out, report):
    out.put(0 if report.corrects is None else 1, 1)
    if report.corrects is not None:
        out.put(report.corrects, 16)
    put_optional_text(out, report.text)


def get_tail(source):
    corrects = source.get(16) if source.get(1) else None
    return corrects, get_optional_text(source)


def put_status(fields, report):
    out = Writer()
    out.put(0, 1)
    put_state(out, report)
    out.put(sum(1 << i for i, (name, _) in enumerate(fields) if name in report.groups), 10)
    for name, columns in fields:
        for value, (_, bits) in zip(report.groups.get(name, []), columns):
            out.put(value, bits)
    put_tail(out, report)
    return out


def put_difference(fields, report, base, base_ref):
    out = Writer()
    out.put(1, 1)
    out.put(base_ref, 24)
    same = (report.state, report.restriction) == (base.state, base.restriction)
    out.put(0 if same else 1, 1)
    if not same:
        put_state(out, report)
    changed = [i for i, (name, _) in enumerate(fields) if report.groups.get(name) != base.groups.get(name)]
    out.put(1 if changed else 0, 1)
    if changed:
        out.put(sum(1 << i for i in changed), 10)
    for i in changed:
        put_changed_group(out, fields[i][1], report.groups.get(fields[i][0]), base.groups.get(fields[i][0]))
    put_tail(out, report)
    return out


def put_changed_group(out, columns, new, old):
    if old is None:
        for value, (_, bits) in zip(new, columns):
            out.put(value, bits)
        return
    out.put(1 if new is not None else 0, 1)
    for value, was, (_, bits) in zip(new or [], old, columns):
        out.put(1 if value != was else 0, 1)
        if value == was:
            continue
        step = value - was
        if bits >= 5:
            out.put(1 if -4 <= step <= 4 else 0, 1)
        if bits >= 5 and -4 <= step <= 4:
            out.put(step + 4 if step < 0 else step + 3, 3)
        else:
            out.put(value, bits)


def get_status(fields, data, find_base):
    source = Reader(data)
    report = Status()
    if source.get(1) == 0:
        report.state, report.restriction = get_state(source)
        present = source.get(10)
        for i, (name, columns) in enumerate(fields):
            if present >> i & 1:
                report.groups[name] = [source.get(bits) for _, bits in columns]
    else:
        base = find_base(source.get(24))
        report.state, report.restriction = get_state(source) if source.get(1) else (base.state, base.restriction)
        report.groups = {name: list(values) for name, values in base.groups.items()}
        changed = source.get(10) if source.get(1) else 0
        for i, (name, columns) in enumerate(fields):
            if changed >> i & 1:
                get_changed_group(source, report.groups, name, columns)
    report.corrects, report.text = get_tail(source)
    return report


def get_changed_group(source, groups, name, columns):
    if name not in groups:
        groups[name] = [source.get(bits) for _, bits in columns]
        return
    if source.get(1) == 0:
        del groups[name]
        return
    for i, (_, bits) in enumerate(columns):
        if source.get(1) == 0:
            continue
        if bits >= 5 and source.get(1):
            code = source.get(3)
            groups[name][i] += code - 4 if code < 4 else code - 3
        else:
            groups[name][i] = source.get(bits)


def base_reference(fields, base, counter):
    data = put_status(fields, base).bytes() + (counter & 0xFFFF).to_bytes(2, "big")
    return int.from_bytes(hashlib.blake2b(data, digest_size=32).digest()[:3], "big")


CODE_BITS = [3, 3, 2, 4, 4, 3, 3, 3]
CATEGORY, RESPONSE = 3, 4
AREA_BITS = [8, 7, 10, 0]


def put_alert(events, alert):
    out = Writer()
    codes = alert["codes"]
    usual = (codes[CATEGORY], codes[RESPONSE], alert["expiry"]) == events[alert["event"]]
    out.put(alert["event"], 5)
    out.put(1 if usual else 0, 1)
    for i, code in enumerate(codes):
        if not usual or i not in (CATEGORY, RESPONSE):
            out.put(code, CODE_BITS[i])
    if not usual:
        out.put(alert["expiry"], 6)
    out.put(1 if alert["onset"] else 0, 1)
    if alert["onset"]:
        out.put(alert["onset"], 8)
    out.put(alert["area_kind"], 2)
    out.put(alert["area"], AREA_BITS[alert["area_kind"]])
    if codes[1]:
        out.put(alert["ref_station"], 8)
        out.put(alert["ref_counter"], 16)
    put_optional_text(out, alert["text"])
    return out.bytes()


def get_alert(events, data):
    source = Reader(data)
    event, usual = source.get(5), source.get(1)
    category, response, expiry = events[event]
    codes = [source.get(bits) if not usual or i not in (CATEGORY, RESPONSE) else (category, response)[i - CATEGORY]
             for i, bits in enumerate(CODE_BITS)]
    alert = {"event": event, "codes": codes, "expiry": expiry if usual else source.get(6)}
    alert["onset"] = source.get(8) if source.get(1) else 0
    alert["area_kind"] = source.get(2)
    alert["area"] = source.get(AREA_BITS[alert["area_kind"]])
    alert["ref_station"] = source.get(8) if codes[1] else 0
    alert["ref_counter"] = source.get(16) if codes[1] else 0
    alert["text"] = get_optional_text(source)
    return alert


def put_receipt(step, officer, ref, text):
    out = Writer()
    for value, bits in ((step, 3), (officer, 6), (ref, 16)):
        out.put(value, bits)
    put_optional_text(out, text)
    return out.bytes()


def get_receipt(data):
    source = Reader(data)
    return source.get(3), source.get(6), source.get(16), get_optional_text(source)


def put_station(out, number):
    if number > 255:
        out.put(250 + number // 256, 8)
    out.put(number % 256, 8)


def get_station(source):
    first = source.get(8)
    number = (first - 250) * 256 + source.get(8) if 250 < first < 255 else first
    if number in (0, 255):
        raise ValueError("no station")
    return number


def put_ack(code, counter, snr, origin, lacks):
    out = Writer()
    value = 63 if snr is None else max(-22, min(40, snr)) + 22
    for field, bits in ((5, 4), (code, 3), (counter, 16), (value, 6), (1 if origin else 0, 1)):
        out.put(field, bits)
    if origin:
        put_station(out, origin)
    if code == 6:
        out.put(lacks, 8)
    return out.bytes()


def get_ack(data):
    source = Reader(data)
    assert source.get(4) == 5
    code, counter, value = source.get(3), source.get(16), source.get(6)
    origin = get_station(source) if source.get(1) else 0
    return code, counter, None if value == 63 else value - 22, origin, source.get(8) if code == 6 else 0


def put_distance(out, distance):
    out.put(min(distance, 7), 3)
    if distance >= 7:
        far = distance >= 1 << 15
        out.put(1 if far else 0, 1)
        out.put(distance, 31 if far else 15)


def get_distance(source):
    distance = source.get(3)
    return source.get(31 if source.get(1) else 15) if distance == 7 else distance


def put_head(kind, precedence, counter, frame_counter, age):
    out = Writer()
    out.put(kind, 4)
    put_distance(out, frame_counter - counter)
    out.put(1 if age else 0, 1)
    out.put(precedence, 2)
    if age:
        out.put(age, 16)
    return out.bytes()


def get_head(data, frame_counter):
    source = Reader(data)
    kind, distance, has_age, precedence = source.get(4), get_distance(source), source.get(1), source.get(2)
    return kind, precedence, frame_counter - distance, source.get(16) if has_age else 0
