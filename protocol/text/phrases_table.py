# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the phrase book and the list of places into the C table that protocol/text/phrases.c searches; a mistake in
either ends the build with file, line and reason.

Usage: phrases_table.py phrases.tsv places.txt phrases_table.c"""
import re
import sys
import unicodedata

HEAD = ["number", "topic", "en", "fr", "es", "ht"]
LANGUAGES = HEAD[2:]
NUMBERS = 1024  # of phrases, as they travel
SLOTS_MAX = 4
SENTENCE_MAX = 200  # characters of a message
PLACES_MAX = 255
PLACE_BYTES_MAX = 64
PLACE_ENDS = ".,;:!?"
SLOT = re.compile(r"\{((?:number|time|place|plate)[2-4]?)\}")


class Mistake(Exception):
    pass


def check_characters(text):
    if not text or text != text.strip():
        raise Mistake("is empty, or begins or ends with a space")
    if unicodedata.normalize("NFC", text) != text:
        raise Mistake("has accents apart from their letters (not NFC): %s" % text)
    if any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in text):
        raise Mistake("has control characters: %s" % ascii(text))


def check_sentence(sentence):
    """What follows a slot must tell where it ends, so that reading never has to try twice."""
    check_characters(sentence)
    if len(sentence) > SENTENCE_MAX:
        raise Mistake("longer than %d characters: %s" % (SENTENCE_MAX, sentence))
    pieces = SLOT.split(sentence)
    if "{" in "".join(pieces[::2]) or "}" in "".join(pieces[::2]):
        raise Mistake("no slot is called that: %s" % sentence)
    for name, after in zip(pieces[1::2], pieces[2::2]):
        if name.startswith("place") and not re.match(" ?[%s]" % PLACE_ENDS, after):
            raise Mistake("a place must be followed by one of %s: %s" % (PLACE_ENDS, sentence))
        if not after or after[0].isalnum():
            raise Mistake("a slot must be followed by neither letter, digit nor slot: %s" % sentence)


def read_phrase(number, line):
    fields = line.split("\t")
    if len(fields) != len(HEAD):
        raise Mistake("%d columns instead of %d" % (len(fields), len(HEAD)))
    if fields[0] != str(number):
        raise Mistake("number %s instead of %d: numbers are never left out or changed" % (fields[0], number))
    if number >= NUMBERS:
        raise Mistake("the book holds %d phrases at most" % NUMBERS)
    if not re.fullmatch("[a-z]+", fields[1]):
        raise Mistake("topic \"%s\": write small letters a-z" % fields[1])
    slots = [SLOT.findall(sentence) for sentence in fields[2:]]
    for sentence, names in zip(fields[2:], slots):
        check_sentence(sentence)
        if names != slots[0] or len(set(names)) != len(names) or len(names) > SLOTS_MAX:
            raise Mistake("slots must be the same in all languages and in this order, each once, %d at most: %s" % (SLOTS_MAX, sentence))
    return fields[1:]


def read_place(number, name):
    check_characters(name)
    if number > PLACES_MAX:
        raise Mistake("the list holds %d places at most" % PLACES_MAX)
    if len(name.encode()) > PLACE_BYTES_MAX:
        raise Mistake("longer than %d bytes: %s" % (PLACE_BYTES_MAX, name))
    if any(char in PLACE_ENDS for char in name):
        raise Mistake("a place has none of %s: %s" % (PLACE_ENDS, name))
    return name


def refuse_doubles(seen, key):
    if key in seen:
        raise Mistake("the same as line %d: %s" % (seen[key], key))


def read_lines(path, read, skip):
    """Each line behind the first skip ones as read(its number, line) takes it; ends the program at a mistake."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    result, seen, at = [], {}, 0
    try:
        if lines.pop() != "":
            raise Mistake("the last line does not end")
        for at, line in enumerate(lines[skip:], skip + 1):
            row = read(at, line)
            key = row if isinstance(row, str) else row[1]
            refuse_doubles(seen, key)
            seen[key] = at
            result.append(row)
        if skip and lines[:skip] != ["\t".join(HEAD)]:
            at = 1
            raise Mistake("the first line must be: %s" % " ".join(HEAD))
    except Mistake as mistake:
        sys.exit("%s:%d: %s" % (path, at or len(lines) + 1, mistake))
    return result


def c_string(text):
    """In octal where C would not take the byte as it is; "?" too, which begins trigraphs."""
    return '"%s"' % "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else "\\%03o" % byte
                            for byte in text.encode())


def sentences_by_first_byte(phrases):
    """(first byte, number, language) of every sentence, in this order."""
    return sorted((sentence.encode()[0], number, language) for number, row in enumerate(phrases)
                  for language, sentence in enumerate(row[1:]))


def write_table(out, phrases, places):
    order = sentences_by_first_byte(phrases)
    starts = [sum(first < byte for first, _, _ in order) for byte in range(257)]
    out.write("/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* Made by phrases_table.py. */\n"
              '#include "protocol/text/phrases_table.h"\n\n')
    out.write("const struct phrase_row phrase_rows[] = {\n")
    for topic, *sentences in phrases:
        out.write("  {%s,\n   {%s}},\n" % (c_string(topic), ",\n    ".join(map(c_string, sentences))))
    out.write("};\nconst uint16_t phrase_row_count = %d;\n\n" % len(phrases))
    out.write("const uint16_t phrase_sorted[] = {%s};\n" %
              ", ".join(str(number * len(LANGUAGES) + language) for _, number, language in order))
    out.write("const uint16_t phrase_sorted_from[257] = {%s};\n\n" % ", ".join(map(str, starts)))
    out.write("const char *const phrase_places[] = {\n%s};\n" % "".join("  %s,\n" % c_string(name) for name in places))
    out.write("const uint16_t phrase_place_count = %d;\n" % len(places))


def main(phrases_path, places_path, out_path):
    phrases = read_lines(phrases_path, lambda line_number, line: read_phrase(line_number - 2, line), skip=1)
    places = read_lines(places_path, read_place, skip=0)
    with open(out_path, "w", encoding="ascii") as out:
        write_table(out, phrases, places)


if __name__ == "__main__":
    main(*sys.argv[1:])
