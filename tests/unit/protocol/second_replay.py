# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays the vectors of PROTOCOL.md with the second implementation, in both directions.

Usage: second_replay.py PROTOCOL.md"""
import re
import sys

import second_beacon
import second_implementation as second
import second_items as items
import second_keys as keys
import second_text


def read_vectors(document):
    """The blocks as dictionaries; a key that comes more than once holds a list."""
    vectors = []
    for block in re.findall(r"^```vector\n(.*?)^```$", document, re.M | re.S):
        vector = {}
        for line in block.splitlines():
            key, value = line.split(" = ", 1)
            if key == "entry":
                vector.setdefault(key, []).append(value)
            else:
                assert key not in vector, key
                vector[key] = value
        vectors.append(vector)
    return vectors


def stated_count(document):
    return int(re.search(r"^There are (\d+) vectors\.", document, re.M).group(1))


class Replay:
    def __init__(self, document):
        self.fields = second.read_fields(document)
        self.events = second.read_events(document)
        self.octave = second_beacon.read_octave(document)

    def report(self, vector, prefix=""):
        groups = {name: [int(code) for code in vector[prefix + name].split()]
                  for name, _ in self.fields if prefix + name in vector}
        corrects = vector.get(prefix + "corrects")
        return second.Status(int(vector[prefix + "state"]), int(vector[prefix + "restriction"]), groups,
                             None if corrects is None else int(corrects), vector.get(prefix + "text", ""))

    def log8(self, v):
        code = int(v["code"])
        assert second.log8_encode(int(v["count"])) == code
        assert v["value"] == ("none" if code == 255 else str(second.log8_decode(code)))

    def text(self, v):
        out = second.Writer()
        second_text.put_text(out, v["text"])
        assert out.bytes().hex() == v["hex"]
        data = bytes.fromhex(v["hex"])
        for behind in (b"", bytes(4), b"\xff" * 4):  # belongs to somebody else
            source = second.Reader(data + behind)
            assert second_text.get_text(source) == v["text"]
            assert source.at == len(out.bits)
        try:
            assert second_text.get_text(second.Reader(data[:-1])) != v["text"]
        except ValueError:  # most are, but a code cut short can be that of another text
            pass

    @staticmethod
    def first_decisions(document):
        """Of the text "a", which section 6.1 shows."""
        rows = [[int(cell) for cell in row] for row in second.table_rows(document, "node | p | decision")]
        assert second_text.first_decisions("a", len(rows)) == rows

    def status(self, v):
        report = self.report(v)
        assert second.put_status(self.fields, report).bytes().hex() == v["hex"]
        assert second.get_status(self.fields, bytes.fromhex(v["hex"]), None) == report

    def difference(self, v):
        report, base = self.report(v), self.report(v, "base.")
        ref = second.base_reference(self.fields, base, int(v["base_counter"]))
        assert ref == int(v["base_ref"])
        whole = second.put_status(self.fields, report)
        shorter = second.put_difference(self.fields, report, base, ref)
        if len(whole.bits) <= len(shorter.bits):
            shorter = whole
        assert shorter.bytes().hex() == v["hex"]
        found = second.get_status(self.fields, bytes.fromhex(v["hex"]), lambda given: {ref: base}[given])
        assert found == report

    def alert(self, v):
        alert = {key: int(v[key]) for key in
                 ("event", "area_kind", "area", "onset", "expiry", "ref_station", "ref_counter")}
        alert["codes"] = [int(code) for code in v["codes"].split()]
        alert["text"] = v.get("text", "")
        assert second.put_alert(self.events, alert).hex() == v["hex"]
        assert second.get_alert(self.events, bytes.fromhex(v["hex"])) == alert

    def receipt(self, v):
        values = int(v["step"]), int(v["officer"]), int(v["ref"]), v.get("text", "")
        assert second.put_receipt(*values).hex() == v["hex"]
        assert second.get_receipt(bytes.fromhex(v["hex"])) == values

    def ack(self, v):
        values = (int(v["code"]), int(v["counter"]), None if v["snr"] == "unknown" else int(v["snr"]),
                  int(v.get("origin", 0)), int(v.get("lacks", 0)))
        assert second.put_ack(*values).hex() == v["hex"]
        assert second.get_ack(bytes.fromhex(v["hex"])) == values

    def beacon(self, v):
        head = {name: int(v[name]) for name, _ in second_beacon.HEAD}
        entries = [tuple(None if word == "-" else word if word in ("any", "unknown") else int(word)
                         for word in line.split()) for line in v.get("entry", [])]
        assert second_beacon.put_beacon(head, entries).hex() == v["hex"]
        assert second_beacon.get_beacon(bytes.fromhex(v["hex"])) == (head, entries)

    def metric(self, v):
        code = int(v["code"])
        assert second_beacon.metric_encode(self.octave, int(v["airtime"])) == code
        assert v["value"] == ("none" if code == 255 else str(second_beacon.metric_decode(self.octave, code)))

    def head(self, v):
        kind, precedence, counter, frame_counter, age = (
            int(v[key]) for key in ("type", "precedence", "counter", "frame_counter", "age"))
        assert second.put_head(kind, precedence, counter, frame_counter, age).hex() == v["hex"]
        assert second.get_head(bytes.fromhex(v["hex"]), frame_counter) == (kind, precedence, counter, age)

    def frame_around(self, v):
        return int(v["source"]), int(v["frame_counter"])

    def bundle_head(self, v, size):
        head = {key: int(v[key]) for key in ("bundle_kind", "precedence", "has_proof", "origin", "counter", "dest",
                                             "life", "journey", "age") if key in v}
        head["len"] = size
        return head

    def bundle(self, v):
        content, frame = bytes.fromhex(v["content"]), self.frame_around(v)
        head = self.bundle_head(v, len(content))
        assert items.put_bundle(head, content, frame).hex() == v["hex"]
        assert items.get_bundle(bytes.fromhex(v["hex"]), frame) == (head, content)

    def code(self, v):
        content = bytes.fromhex(v["content"])
        pieces = {int(index): items.make_piece(content, int(index)) for index in v["index"].split()}
        assert b"".join(pieces.values()).hex() == v["hex"]
        enough = dict(list(pieces.items())[:items.source_count(len(content))])
        assert items.rebuild(enough, len(content)) == content

    def pieces(self, v):
        head, first, plain = self.bundle_head(v, int(v["len"])), int(v["first"]), bytes.fromhex(v["plain"])
        frame = self.frame_around(v)
        assert items.put_pieces(head, first, plain, frame).hex() == v["hex"]
        assert items.get_pieces(bytes.fromhex(v["hex"]), frame) == (head, first, plain)

    def proof_item(self, v):
        values = int(v["origin"]), int(v["counter"]), bytes.fromhex(v["proof"])
        assert items.put_proof(*values, self.frame_around(v)).hex() == v["hex"]
        assert items.get_proof(bytes.fromhex(v["hex"]), self.frame_around(v)) == values

    def list(self, v):
        names = [tuple(int(part) for part in line.split()) for line in v.get("entry", [])]
        values = int(v["complete"]), names
        assert items.put_list(*values).hex() == v["hex"]
        assert items.get_list(bytes.fromhex(v["hex"])) == values

    def counter(self, v):
        values = int(v["counter"]), int(v["echo"])
        assert items.put_counter(*values).hex() == v["hex"]
        assert items.get_counter(bytes.fromhex(v["hex"])) == values

    def poll(self, v):
        assert items.put_poll(int(v["seconds"])).hex() == v["hex"]
        assert items.get_poll(bytes.fromhex(v["hex"])) == int(v["seconds"])

    def hop_key(self, v):
        derived = keys.derive(bytes.fromhex(v["hop_secret"]), b"radiod hop v1", bytes.fromhex(v["network"]),
                              int(v["epoch"]).to_bytes(4, "big"))
        assert [key.hex() for key in derived] == [v["mac"], v["enc"]]

    def pair_key(self, v):
        secret, public, peer_public = (bytes.fromhex(v[key]) for key in ("secret", "public", "peer_public"))
        assert keys.crypto.x25519_public(secret) == public
        derived = keys.pair_key(secret, int(v["number"]), public, int(v["peer"]), peer_public,
                                bytes.fromhex(v["network"]))
        assert [key.hex() for key in derived] == [v["mac"], v["enc"]]

    def frame(self, v):
        mac, enc, plain, frame = (bytes.fromhex(v[key]) for key in ("mac", "enc", "plain", "hex"))
        epoch, source, dest, counter, short = (
            int(v[key]) for key in ("epoch", "source", "dest", "counter", "short"))
        assert keys.seal(mac, enc, epoch, source, dest, counter, short, plain).hex() == frame.hex()
        assert keys.unseal(mac, enc, epoch, dest, counter, frame) == (source, plain)

    def envelope(self, v):
        mac, enc, plain, sealed = (bytes.fromhex(v[key]) for key in ("mac", "enc", "plain", "hex"))
        context = keys.envelope_context(*(int(v[key]) for key in ("origin", "dest", "counter", "precedence", "life")))
        assert keys.siv_seal(mac, enc, context, 8, plain).hex() == sealed.hex()
        assert keys.siv_open(mac, enc, context, 8, sealed) == plain

    def signer(self, v):
        seed = bytes.fromhex(v["seed"])
        assert keys.crypto.ed25519_public(seed).hex() == v["public"]
        return seed, bytes.fromhex(v["public"]), bytes.fromhex(v["network"])

    def proof(self, v):
        seed, public, network = self.signer(v)
        message = keys.signed_alert_or_time(v["purpose"], network, int(v["origin"]), int(v["counter"]),
                                            int(v["precedence"]), bytes.fromhex(v["plain"]))
        assert keys.crypto.ed25519_sign(seed, message).hex() == v["hex"]
        assert keys.crypto.ed25519_verify(public, message, bytes.fromhex(v["hex"]))

    def entry(self, line):
        number, role, sector, department, callsign, box, sign, name = line.split(" ", 7)
        return (int(number), int(role), int(sector), int(department), callsign, bytes.fromhex(box),
                bytes.fromhex(sign), name)

    def directory(self, v):
        seed, public, network = self.signer(v)
        entries = [self.entry(line) for line in v["entry"]]
        assert keys.put_directory(seed, network, int(v["version"]), entries).hex() == v["hex"]
        read = keys.get_directory(public, bytes.fromhex(v["hex"]))
        assert read == (network, int(v["version"]), entries)

    def order(self, v):
        seed, public, network = self.signer(v)
        version, order = int(v["version"]), v["order"]
        if order == "put":
            content = self.entry(v["entry"][0])
        elif order == "revoke":
            content = int(v["station"])
        else:
            content = int(v["epoch"]), int(v["wait"]), bytes.fromhex(v["commit"])
        assert keys.put_order(seed, network, version, order, content).hex() == v["hex"]
        assert keys.get_order(public, network, bytes.fromhex(v["hex"])) == (version, order, content)

    def commit(self, v):
        assert keys.commit(bytes.fromhex(v["hop_secret"])).hex() == v["hex"]


def main(path):
    with open(path, encoding="utf-8") as file:
        document = file.read()
    replay = Replay(document)
    vectors = read_vectors(document)
    replay.first_decisions(document)
    assert len(vectors) == stated_count(document), "%d vectors found" % len(vectors)
    for number, vector in enumerate(vectors, 1):
        try:
            getattr(replay, vector["kind"])(vector)
        except Exception:
            print("vector %d (%s, %s) does not hold" % (number, vector.get("kind"), vector.get("name")))
            raise
    print("%d vectors hold" % len(vectors))


if __name__ == "__main__":
    main(sys.argv[1])
