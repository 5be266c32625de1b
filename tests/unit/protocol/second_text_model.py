# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the second implementation that foretells the characters of a text.  It keeps lists of the places where a
context stands in the training text, instead of an index: slower by far, but plain to see."""
import array
import collections
import hashlib
import lzma
import re
import struct

END, ESCAPE = 0, 1
LETTER, POINT = 1, 4
EXACT_ORDERS, CLASS_ORDERS = 12, 20
INPUT_CLASS_ORDERS = 1, 2, 3, 4, 5, 6, 8
LOGIT_MAX = 2047
NOWHERE = 0, 0  # counts of a context that does not exist


def read_squash_table(document):
    lines = re.search(r"in steps of 64:\n\n((?: {4}[\d ]+\n)+)", document).group(1)
    table = [int(number) for number in lines.split()]
    assert len(table) == 65
    return table


def limit(value):
    return max(-LOGIT_MAX, min(value, LOGIT_MAX))


def over_one(total):
    """Sums of products with weights: towards zero."""
    return limit(total // 65536 if total >= 0 else -(-total // 65536))


class Numbers:
    """Reads the numbers of the model's data one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, kind, count):
        numbers = struct.unpack_from("<%d%s" % (count, kind), self.data, self.at)
        self.at += struct.calcsize("<%d%s" % (count, kind))
        return numbers

    def table(self, kind, *sizes):
        if len(sizes) == 1:
            return self.take(kind, sizes[0])
        return [self.table(kind, *sizes[1:]) for _ in range(sizes[0])]

    def bytes(self, count):
        self.at += count
        return self.data[self.at - count:self.at]


class Context:
    """The places where a run of symbols (or classes) stands; children are the runs longer by one."""

    def __init__(self, model, keys, places):
        self.model, self.keys, self.places = model, keys, places
        self.children, self.counted = {}, {}
        self.followers = collections.Counter(map(model.text.__getitem__, places)).items()

    def child(self, key):
        if key not in self.children:
            keys, size = self.keys, len(self.keys)
            places = array.array("I", [(at + 1) % size for at in self.places if keys[at] == key])
            self.children[key] = Context(self.model, keys, places) if places else None
        return self.children[key]

    def bear_all(self):
        """All children at once: for the root, which has many."""
        places = [array.array("I") for _ in range(256)]
        for at, key in enumerate(self.keys):
            places[key].append((at + 1) % len(self.keys))
        self.children = {key: Context(self.model, self.keys, at) for key, at in enumerate(places) if at}

    def counts(self, node):
        if node not in self.counted:
            below = self.model.below[node]
            self.counted[node] = tuple(sum(n for symbol, n in self.followers if symbol in side) for side in below)
        return self.counted[node]


class Model:
    def __init__(self, document, packed):
        data = lzma.decompress(packed)
        assert "`%s`" % hashlib.sha256(data).hexdigest() in document
        numbers = Numbers(data)
        self.count = numbers.table("H", 14, 256)
        self.longer = numbers.table("H", 4, 16, 256)
        self.place = numbers.table("H", 4, 256, 64)
        self.weight = numbers.table("i", 5, 256, 23)
        self.last = numbers.table("i", 256, 5)
        magic, version, symbols, classes, length = numbers.take("I", 5)
        assert (magic, version) == (0x43585432, 1)
        self.code_point = numbers.take("I", symbols)
        self.class_of, self.is_capital, self.has_accent, self.kind = (numbers.bytes(symbols) for _ in range(4))
        self.text = numbers.bytes(length)
        assert numbers.at == len(data)
        self.symbol_of = {self.code_point[symbol]: symbol for symbol in range(ESCAPE + 1, symbols)}
        self.members = collections.Counter(self.class_of)
        self.squash_table = read_squash_table(document)
        self.make_stretch()
        self.plant(classes)
        self.exact = Context(self, self.text, range(length))
        self.folded = Context(self, self.text.translate(self.class_of.ljust(256, b"\0")), range(length))
        self.exact.bear_all()
        self.folded.bear_all()

    def squash(self, x):
        y = limit(x) + 2048
        low, high = self.squash_table[y // 64], self.squash_table[y // 64 + 1]
        return low + ((high - low) * (y % 64) + 32) // 64

    def make_stretch(self):
        self.stretch, x = [], -LOGIT_MAX
        for q in range(4096):
            while x < LOGIT_MAX and self.squash(x) < 16 * q + 8:
                x += 1
            self.stretch.append(x)

    # ---- The code tree: a leaf is a symbol, an inner node a pair

    def plant(self, classes):
        times = collections.Counter(self.text)
        trees = []
        for number in range(classes):
            members = [s for s, own in enumerate(self.class_of) if own == number]
            trees.append(join([(1 + times[s], s) for s in members]))
        self.child, self.below, self.way = [], [], {}
        self.number(join(trees)[1], [])

    def number(self, tree, way):
        """Numbers the nodes of a tree.  Returns its root (or ~symbol) and the symbols below it."""
        if isinstance(tree, int):
            self.way[tree] = way
            return ~tree, {tree}
        node = len(self.child)
        self.child.append(None)
        self.below.append(None)
        sides = [self.number(side, way + [(node, turn)]) for turn, side in enumerate(tree)]
        self.child[node] = [root for root, _ in sides]
        self.below[node] = [symbols for _, symbols in sides]
        return node, sides[0][1] | sides[1][1]

    # ---- Counts

    def state(self, zeros, ones):
        """State and rest."""
        total = zeros + ones
        if total <= 4:
            return total * (total + 1) // 2 + ones, 0
        row = sum(total >= begin for begin in (7, 10, 16, 32, 80, 250, 1000))
        base = 15 + 26 * row
        if ones == 0:
            return base, 0
        if zeros == 0:
            return base + 25, 0
        x = self.stretch[4095 * ones // total] + 2048
        group = min(x // 170, 23)
        return base + group + 1, x - 170 * group - 85


def join(trees):
    """trees: [(weight, tree)]"""
    while len(trees) > 1:
        first, second = sorted(range(len(trees)), key=lambda i: trees[i][0])[:2]  # sorted keeps the order of equals
        trees[min(first, second)] = (trees[first][0] + trees[second][0], (trees[first][1], trees[second][1]))
        del trees[max(first, second)]
    return trees[0]


class Message:
    """What is known of a message when its next character is foretold."""

    def __init__(self, model):
        self.model = model
        self.exact = [model.exact, model.exact.child(END)]
        self.folded = [model.folded, model.folded.child(model.class_of[END])]
        self.chars = self.word = self.before = self.upper_word = self.accents_seen = self.accents_missed = 0
        self.s1 = self.s2 = END
        self.begin_character()

    def begin_character(self):
        model, longest_exact, longest_class = self.model, len(self.exact) - 1, len(self.folded) - 1
        kind, kind2 = model.kind[self.s1], model.kind[self.s2]
        case = 1 + model.is_capital[self.s2] if model.is_capital[self.s1] else 0
        upper = 2 * case + self.upper_word
        accents = 4 * self.accents_seen + self.accents_missed
        self.places = (8 * upper + 2 * min(self.word, 2) + (self.chars == 0), 4 * accents + case, 6 * kind + kind2,
                       4 * min(self.chars // 8, 15) + 2 * (kind == POINT) + (kind2 == POINT))
        self.sets = (8 * longest_exact + min(longest_class - longest_exact, 7),
                     12 * min(self.word, 9) + 2 * kind + self.upper_word,
                     16 * accents + 2 * upper + (self.word == 0), self.s1)
        word, words = (min(order, CLASS_ORDERS) for order in (self.word + 1, self.word + self.before + 1))
        self.sources = [(self.context(self.exact, i), model.count[i]) for i in range(7)]
        self.sources += [(self.context(self.folded, order), model.count[7 + i])
                         for i, order in enumerate(INPUT_CLASS_ORDERS)]
        self.sources.append((self.exact[-1], model.longer[0][longest_exact]))
        self.sources += [(self.context(self.folded, order), model.longer[i][min(order, 15)])
                         for i, order in enumerate((longest_class, word, words), 1)]

    @staticmethod
    def context(contexts, order):
        return contexts[order] if order < len(contexts) else None

    def input(self, context, probabilities, node):
        zeros, ones = context.counts(node) if context else NOWHERE
        if zeros + ones == 0:
            return 0
        state, rest = self.model.state(zeros, ones)
        return self.model.stretch[probabilities[state] >> 4] + rest

    def foretell(self, node):
        """The probability of a one at a node."""
        model = self.model
        inputs = [self.input(context, probabilities, node) for context, probabilities in self.sources]
        inputs += [model.stretch[model.place[i][node][n] >> 4] for i, n in enumerate(self.places)]
        inputs.append(256)
        mixed = [over_one(sum(map(int.__mul__, weights[chosen], inputs)))
                 for weights, chosen in zip(model.weight, (node,) + self.sets)]
        self.one = model.squash(over_one(sum(map(int.__mul__, model.last[node], mixed))))
        return self.one

    def decided(self, turn):
        self.was_wrong = turn != (self.one > 32768)

    def end_character(self, symbol):
        model = self.model
        is_capital, has_accent = model.is_capital[symbol], model.has_accent[symbol]
        if self.was_wrong and not is_capital and not has_accent and model.members[model.class_of[symbol]] > 1:
            self.accents_missed = min(self.accents_missed + 1, 3)
        if has_accent:
            self.accents_seen = min(self.accents_seen + 1, 3)
        self.chars += 1
        if model.kind[symbol] == LETTER:
            self.upper_word = int(is_capital and (self.word == 0 or self.upper_word))
            self.word += 1
        else:
            self.before = (self.word or self.before) + 1
            self.word = 0
        self.s1, self.s2 = symbol, self.s1
        self.exact = grown(self.exact, symbol, EXACT_ORDERS)
        self.folded = grown(self.folded, model.class_of[symbol], CLASS_ORDERS)
        self.begin_character()


def grown(contexts, key, orders):
    """The contexts that have places, by order."""
    longer = [context.child(key) for context in contexts[:orders]]
    return contexts[:1] + [context for context in longer if context]
