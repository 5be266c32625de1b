# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the second implementation for texts: their arithmetic code and the forms that they take in it.  The table
of log odds and the digest of the model are read from the document, the data from the file that it names."""
import functools
import pathlib

import second_phrases
import second_text_model

CHARACTERS_MAX, BYTES_MAX = 200, 800
HALF, QUARTER = 1 << 31, 1 << 30
PROTOCOL = pathlib.Path(__file__).resolve().parents[3] / "protocol"

FORMS = 16
FORM_MODEL = (0, 8, FORMS)
FORM_PHRASE = (14, 1, FORMS)
FORM_OTHER = (15, 1, FORMS)

KINDS = [  # of plain form: first code point, count, begin, width
    (0x20, 95, 0, 220), (0x00, 32, 220, 2), (0x7F, 1, 222, 1), (0x80, 1920, 223, 11), (0x800, 63488, 234, 8),
    (0x10000, 1048576, 242, 6)]
KINDS_TOTAL = 256
PLAIN_END = (248, 8, KINDS_TOTAL)


class Malformed(ValueError):
    pass


class NotUnderstood(ValueError):
    pass


class Interval:
    """What writer and reader of an arithmetic code have in common."""

    def __init__(self):
        self.low, self.high = 0, 2 * HALF - 1

    def narrow(self, begin, width, total):
        size = self.high - self.low + 1
        self.high = self.low + size * (begin + width) // total - 1
        self.low += size * begin // total

    def double(self, taken):
        self.low, self.high = 2 * (self.low - taken), 2 * (self.high - taken) + 1


class CodeWriter:
    def __init__(self):
        self.interval, self.bits, self.waiting = Interval(), "", 0

    def settle(self, bit):
        self.bits += bit + ("1" if bit == "0" else "0") * self.waiting
        self.waiting = 0

    def choose(self, begin, width, total):
        now = self.interval
        now.narrow(begin, width, total)
        while True:
            if now.high < HALF:
                self.settle("0")
                now.double(0)
            elif now.low >= HALF:
                self.settle("1")
                now.double(HALF)
            elif now.low >= QUARTER and now.high < 3 * QUARTER:
                self.waiting += 1
                now.double(QUARTER)
            else:
                return

    def choose_of(self, value, count):
        self.choose(value, 1, count)

    def decide(self, bit, one):
        self.choose(0 if bit else one, one if bit else 65536 - one, 65536)

    def end(self):
        self.waiting += 1
        self.settle("0" if self.interval.low < QUARTER else "1")
        return self.bits


class CodeReader:
    def __init__(self, bits):
        self.bits, self.interval, self.doublings = bits, Interval(), 0
        self.code = int(bits[:32].ljust(32, "0"), 2)

    def at(self, total):
        now = self.interval
        return ((self.code - now.low + 1) * total - 1) // (now.high - now.low + 1)

    def take(self, begin, width, total):
        now = self.interval
        now.narrow(begin, width, total)
        while True:
            if now.high < HALF:
                self.double(0)
            elif now.low >= HALF:
                self.double(HALF)
            elif now.low >= QUARTER and now.high < 3 * QUARTER:
                self.double(QUARTER)
            else:
                return

    def double(self, taken):
        self.interval.double(taken)
        at = 32 + self.doublings
        self.code = 2 * (self.code - taken) + (self.bits[at:at + 1] == "1")
        self.doublings += 1
        if self.used() > len(self.bits):
            raise Malformed("short")

    def take_of(self, count):
        value = self.at(count)
        self.take(value, 1, count)
        return value

    def is_next(self, begin, width, total):
        """Takes the choice if it is the next one."""
        if not begin <= self.at(total) < begin + width:
            return False
        self.take(begin, width, total)
        return True

    def decide(self, one):
        bit = int(self.at(65536) < one)
        self.take(0 if bit else one, one if bit else 65536 - one, 65536)
        return bit

    def used(self):
        return self.doublings + 2


def check_character(code_point):
    if code_point > 0x10FFFF or 0xD800 <= code_point < 0xE000:
        raise Malformed("no character")
    return chr(code_point)


# ---- Plain form

def put_plain(out, text):
    for char in text:
        first, count, begin, width = next(kind for kind in KINDS if 0 <= ord(char) - kind[0] < kind[1])
        out.choose(begin, width, KINDS_TOTAL)
        place = ord(char) - first
        if count > 65536:
            out.choose_of(place // 65536, 16)
        if count > 1:
            out.choose_of(place % 65536, min(count, 65536))
    out.choose(*PLAIN_END)


def get_plain(source):
    text = ""
    while not source.is_next(*PLAIN_END):
        first, count, *_ = next(kind for kind in KINDS if source.is_next(kind[2], kind[3], KINDS_TOTAL))
        high = source.take_of(16) if count > 65536 else 0
        low = source.take_of(min(count, 65536)) if count > 1 else 0
        text += check_character(first + 65536 * high + low)
        check_bytes(text)
    return text


def check_bytes(text):
    if len(text.encode()) > BYTES_MAX:
        raise Malformed("long")


# ---- Characters by the model

def put_symbol(out, message, symbol):
    for node, turn in message.model.way[symbol]:
        out.decide(turn, message.foretell(node))
        message.decided(turn)
    message.end_character(symbol)


def get_symbol(source, message):
    node = 0
    while True:
        turn = source.decide(message.foretell(node))
        message.decided(turn)
        node = message.model.child[node][turn]
        if node < 0:
            message.end_character(~node)
            return ~node


ESCAPE_BITS = 7, 11, 16, 21


def escape_size(code_point):
    return next(size for size, bits in enumerate(ESCAPE_BITS) if code_point < 1 << bits)


def put_escaped(out, code_point):
    size = escape_size(code_point)
    out.choose_of(size, len(ESCAPE_BITS))
    for bit in format(code_point, "0%db" % ESCAPE_BITS[size]):
        out.choose_of(int(bit), 2)


def get_escaped(source, model):
    size, code_point = source.take_of(len(ESCAPE_BITS)), 0
    for _ in range(ESCAPE_BITS[size]):
        code_point = 2 * code_point + source.take_of(2)
    if escape_size(code_point) != size or code_point in model.symbol_of:
        raise Malformed("escaped without need")
    return check_character(code_point)


def put_modelled(out, text, model):
    message = second_text_model.Message(model)
    for char in text:
        symbol = model.symbol_of.get(ord(char), second_text_model.ESCAPE)
        put_symbol(out, message, symbol)
        if symbol == second_text_model.ESCAPE:
            put_escaped(out, ord(char))
    put_symbol(out, message, second_text_model.END)


def get_modelled(source, model):
    message, text = second_text_model.Message(model), ""
    while True:
        symbol = get_symbol(source, message)
        if symbol == second_text_model.END:
            return text
        escaped = symbol == second_text_model.ESCAPE
        text += get_escaped(source, model) if escaped else chr(model.code_point[symbol])
        check_bytes(text)


def first_decisions(text, count):
    """[node, probability of a one, decision] of each."""
    model, _ = tables()
    message, found = second_text_model.Message(model), []
    for node, turn in model.way[model.symbol_of[ord(text[0])]][:count]:
        found.append([node, message.foretell(node), turn])
        message.decided(turn)
    return found


# ---- Texts

@functools.lru_cache(None)
def tables():
    """The model and the phrase book."""
    document = (PROTOCOL / "PROTOCOL.md").read_text(encoding="utf-8")
    model = second_text_model.Model(document, (PROTOCOL / "text/model/model.xz").read_bytes())
    return model, second_phrases.Book(PROTOCOL / "text")


def forms(text):
    """The text's code in each form that it has, the ones that win a tie first."""
    model, book = tables()
    phrase = book.find(text)
    if phrase:
        out = CodeWriter()
        out.choose(*FORM_PHRASE)
        book.put(out, phrase, lambda name: put_modelled(out, name, model))
        yield out.end()
    out = CodeWriter()
    out.choose(*FORM_MODEL)
    put_modelled(out, text, model)
    yield out.end()
    out = CodeWriter()
    out.choose(*FORM_OTHER)
    out.choose_of(0, 16)
    put_plain(out, text)
    yield out.end()


def check_text(text):
    check_bytes(text)
    if len(text) > CHARACTERS_MAX or any(ord(c) < 32 and c not in "\t\n" or 127 <= ord(c) < 160 for c in text):
        raise Malformed("no text")


def put_text(out, text):
    check_text(text)
    bits = min(forms(text), key=len)
    out.put(int(bits, 2), len(bits))


def read_form(source):
    model, book = tables()
    if source.is_next(*FORM_MODEL):
        return get_modelled(source, model)
    if source.is_next(*FORM_PHRASE):
        return book.get(source, lambda: get_modelled(source, model))
    if source.is_next(*FORM_OTHER) and source.is_next(0, 1, 16):
        return get_plain(source)
    raise NotUnderstood("form")


def get_text(source):
    reader = CodeReader(source.bits[source.at:])
    text = read_form(reader)
    check_text(text)
    source.get(reader.used())
    return text
