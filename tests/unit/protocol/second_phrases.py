# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the second implementation for phrases: sentences of the book that go as numbers."""
import re

FREQUENT, NUMBERS, LANGUAGES, LISTED = 64, 1024, 4, 256
PLACE_BYTES_MAX = 64

SLOT = re.compile(r"\{(number|time|plate|place)2?\}")
PATTERNS = {
    "number": r"(0|[1-9][0-9]{0,5})",
    "time": r"((?:[01][0-9]|2[0-3]):[0-5][0-9])",
    "plate": r"([A-Z]{1,2}-[0-9]{5})",
    "place": r"((?! )[^\x00-\x1f\x7f-\x9f.,;:!?]+(?<! ))",
}


def as_pattern(sentence):
    parts = SLOT.split(sentence)  # text, kind, text, kind ... text
    parts[0::2] = map(re.escape, parts[0::2])
    parts[1::2] = map(PATTERNS.get, parts[1::2])
    return re.compile("".join(parts))


def is_value(kind, text):
    return re.fullmatch(PATTERNS[kind], text) and (kind != "place" or len(text.encode()) <= PLACE_BYTES_MAX)


def number_range(digits):
    """The lowest number of so many digits, and how many there are."""
    return (0, 10) if digits == 1 else (10 ** (digits - 1), 9 * 10 ** (digits - 1))


def put_number(out, value):
    low, count = number_range(len(value))
    out.choose_of(len(value) - 1, 6)
    if count <= 9000:
        out.choose_of(int(value) - low, count)
    else:
        out.choose_of((int(value) - low) // 1000, count // 1000)
        out.choose_of(int(value) % 1000, 1000)


def get_number(source):
    low, count = number_range(source.take_of(6) + 1)
    if count <= 9000:
        return str(low + source.take_of(count))
    high = source.take_of(count // 1000)
    return str(low + 1000 * high + source.take_of(1000))


def put_time(out, value):
    hours, minutes = value.split(":")
    out.choose_of(60 * int(hours) + int(minutes), 1440)


def get_time(source):
    return "%02d:%02d" % divmod(source.take_of(1440), 60)


def put_plate(out, value):
    letters, digits = value.split("-")
    out.choose_of(len(letters) - 1, 2)
    for letter in letters:
        out.choose_of(ord(letter) - ord("A"), 26)
    out.choose_of(int(digits) // 1000, 100)
    out.choose_of(int(digits) % 1000, 1000)


def get_plate(source):
    letters = [chr(ord("A") + source.take_of(26)) for _ in range(source.take_of(2) + 1)]
    high = source.take_of(100)
    return "%s-%02d%03d" % ("".join(letters), high, source.take_of(1000))


class Book:
    def __init__(self, folder):
        with open(folder / "phrases.tsv", encoding="utf-8") as lines:
            rows = [line.rstrip("\n").split("\t") for line in lines][1:]  # below the heading
        assert [int(row[0]) for row in rows] == list(range(len(rows)))
        self.sentences = [row[2:] for row in rows]
        self.patterns = [[as_pattern(sentence) for sentence in row] for row in self.sentences]
        with open(folder / "places.txt", encoding="utf-8") as lines:
            self.listed = {number: line.rstrip("\n") for number, line in enumerate(lines, 1)}
        self.number_of = {name: number for number, name in self.listed.items()}

    def find(self, text):
        """(number, language, values), or None"""
        for number, row in enumerate(self.patterns):
            for language, pattern in enumerate(row):
                found = pattern.fullmatch(text)
                if found and all(map(is_value, self.kinds(number), found.groups())):
                    return number, language, found.groups()
        return None

    def kinds(self, number):
        return SLOT.findall(self.sentences[number][0])

    def put(self, out, phrase, put_spelled):
        number, language, values = phrase
        frequent = number < FREQUENT
        out.choose_of(int(frequent), 2)
        out.choose_of(number, FREQUENT if frequent else NUMBERS)
        out.choose_of(language, LANGUAGES)
        for kind, value in zip(self.kinds(number), values):
            if kind == "place":
                self.put_place(out, value, put_spelled)
            else:
                {"number": put_number, "time": put_time, "plate": put_plate}[kind](out, value)

    def put_place(self, out, name, put_spelled):
        listed = name in self.number_of
        out.choose_of(int(listed), 2)
        if listed:
            out.choose_of(self.number_of[name], LISTED)
        else:
            put_spelled(name)

    def get(self, source, get_spelled):
        """The text of a phrase."""
        frequent = source.take_of(2)
        number = source.take_of(FREQUENT if frequent else NUMBERS)
        language = source.take_of(LANGUAGES)
        sentence = self.sentences[number][language]
        if (not frequent and number < FREQUENT) or self.sentences[number].index(sentence) != language:
            raise ValueError("a phrase in another form than its own")
        values = [self.get_value(source, kind, get_spelled) for kind in self.kinds(number)]
        return SLOT.sub(lambda _: values.pop(0), sentence)

    def get_value(self, source, kind, get_spelled):
        if kind != "place":
            return {"number": get_number, "time": get_time, "plate": get_plate}[kind](source)
        name = self.listed[source.take_of(LISTED)] if source.take_of(2) else get_spelled()
        if not is_value("place", name):
            raise ValueError("no place")
        return name
