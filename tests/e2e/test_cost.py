# SPDX-License-Identifier: GPL-3.0-or-later
"""What a message costs, told before it is sent: by the control API, by radioctl cost, and while a text is written at a
terminal."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import termios

import pytest

from air import die_with_parent, stop_process, wait_until
from cli_posts import Network, Post, make_network, radioctl
from modem_tool import built

OK, REFUSED, USAGE, UNREACHABLE, NOT_FOUND = range(5)
ON_AIR_S = 60
CTRL_A, CTRL_C, CTRL_E, CTRL_K, CTRL_U, CTRL_W, ESC, BACKSPACE = (
    b"\x01", b"\x03", b"\x05", b"\x0b", b"\x15", b"\x17", b"\x1b", b"\x7f")
LEFT, HOME = b"\x1b[D", b"\x1b[H"


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with Network(tmp_path_factory.mktemp("network")) as running:
        wait_until(lambda: all(channel["up"] for channel in running.post.json("status")["channels"]), "the radio")
        yield running


def cost(post, body):
    status, _, reply = post.http("POST", "/v1/cost", body)
    assert status == 200, reply
    return reply


def filed(post):
    return post.json("outbox", "--limit", "200")["messages"]


# -- The control API --------------------------------------------------------------------------------------------

def test_a_text_alone_has_a_price(lonely):
    reply = cost(lonely, {"text": "Route barrée"})
    assert reply["characters"] == 12 and reply["bytes"] > 0 and reply["to"] is None and reply["via"] is None
    assert reply["bits_per_character"] == pytest.approx(reply["bytes"] * 8 / 12)
    channel, = reply["channels"]
    assert channel["name"] == "vhf" and channel["up"] is False and channel["mode"] and channel["mode_known"] is False
    assert channel["bursts"] == 1 and channel["airtime_s"] > 0 and channel["answer_s"] > 0


@pytest.mark.parametrize("body, to", [
    ({"kind": "text", "to": "PAP1", "text": "Bonjour"}, 1),
    ({"kind": "text", "to": "all", "text": "Bonjour"}, 255),
    ({"kind": "status", "to": 1, "state": "open", "fields": {"battery": 24.2}}, 1),
    ({"kind": "status", "to": 1, "state": "open", "text": "RAS"}, 1),
    ({"kind": "alert", "event": "flood", "text": "La rivière monte"}, 255)])
def test_every_kind_has_a_price_and_nothing_is_filed(lonely, body, to):
    before = filed(lonely)
    reply = cost(lonely, body)
    assert reply["to"]["number"] == to and reply["characters"] == len(body.get("text", ""))
    assert (reply["bits_per_character"] is None) == ("text" not in body)
    assert (reply["via"] is None) == (to == 255) and (reply["channels"][0]["answer_s"] == 0) == (to == 255)
    assert filed(lonely) == before


@pytest.mark.parametrize("body", [
    {}, {"kind": "rumour"}, {"kind": "text"}, {"kind": "text", "to": "1"}, {"kind": "text", "text": "x"},
    {"kind": "text", "to": "1", "text": ""}, {"kind": "text", "to": "1", "text": "x" * 201},
    {"kind": "text", "to": "1", "text": "a\x07b"}, {"kind": "text", "to": "1", "text": 7},
    {"kind": "text", "to": "Nowhere", "text": "x"}, {"kind": "text", "to": 2, "text": "x"},
    {"kind": "text", "to": "1", "text": "x", "colour": "red"}, {"kind": "text", "to": "1", "text": "x", "precedence": "SOON"},
    {"kind": "text", "to": "all", "text": "x", "precedence": "FLASH"}, {"text": "x", "to": "1"},
    {"kind": "status", "to": 1, "fields": {"battery": "full"}},
    {"kind": "status", "to": 1, "state": "open", "correction_of": "2-999999"},
    {"kind": "alert", "event": "carnival"}, {"kind": "alert", "event": "flood", "msg_type": "Cancel", "references": "2-999999"},
    b"nonsense", b"[]"])
def test_the_same_mistake_gives_the_same_error(lonely, body):
    sent, asked = lonely.http("POST", "/v1/messages", body), lonely.http("POST", "/v1/cost", body)
    assert sent[0] >= 400
    assert (asked[0], asked[2]) == (sent[0], sent[2])


@pytest.mark.parametrize("text, code", [("", "missing_field"), ("x" * 201, "too_long"), ("a\x07b", "bad_value"), (7, "bad_value")])
def test_a_text_alone_is_checked_too(lonely, text, code):
    status, _, reply = lonely.http("POST", "/v1/cost", {"text": text})
    assert status == 422 and reply["error"]["code"] == code


def test_longer_texts_never_cost_less(lonely):
    prices = [cost(lonely, {"text": "Wout la bare. " * count})["channels"][0]["airtime_s"] for count in (1, 4, 9, 14)]
    assert prices == sorted(prices) and prices[0] < prices[-1]


def test_what_was_sent_took_the_airtime_that_was_said(network):
    post = network.post
    body = {"kind": "text", "to": 1, "text": "Kamyon an rete bò isit la, voye yon mekanisyen"}
    post.ok("wait", post.json("send", "text", "1", "x")["id"], "--timeout", ON_AIR_S)
    said, before = cost(post, body), post.json("status")["stats"]
    post.ok("wait", post.http("POST", "/v1/messages", body)[2]["id"], "--timeout", ON_AIR_S)
    after = post.json("status")["stats"]
    channel, = said["channels"]
    assert channel["up"] is True and said["via"]["number"] == 1
    # A beacon may go out beside it, and an answer be lost: both cost more, never less.
    assert after["bursts_sent"] - before["bursts_sent"] >= channel["bursts"]
    assert after["airtime_s"] - before["airtime_s"] >= channel["airtime_s"] - 1e-6


# -- radioctl cost ----------------------------------------------------------------------------------------------

def test_cost_prints_a_table_that_fits(lonely):
    text = lonely.ok("cost", "Route", "barrée", "à", "Malpasse")
    assert re.match(r"23 characters, \d+ bytes, \d+\.\d\d bits a character\n", text)
    assert re.search(r"^CHANNEL +STATE +MODE +BURSTS +FRAMES +SECONDS +ANSWER$", text, re.M)
    assert re.search(r"^vhf +down +\S+ +1 +1 +\d+\.\d\d +\d+\.\d\d$", text, re.M)
    assert all(len(line) <= 80 for line in text.splitlines())


def test_cost_is_asked_for_a_recipient_and_from_standard_input(lonely):
    assert "to Port-au-Prince (1)" in lonely.ok("cost", "--to", "pap1", "Bonjour")
    result = lonely.ctl("--json", "cost", "-", text="Bonjour\n")
    assert json.loads(result.stdout) == cost(lonely, {"text": "Bonjour"})


def test_cost_refuses_what_sending_refuses(lonely, tmp_path):
    for argv, code, word in [(("--to", "Nowhere", "x"), NOT_FOUND, "Nowhere"), (("x" * 201,), REFUSED, "200"), ((), USAGE, "too few"),
                             (("a\x07b",), REFUSED, "control")]:
        result = lonely.ctl("cost", *argv)
        assert result.returncode == code and word in result.stderr and not result.stdout
    assert radioctl("cost", "x", "--socket", tmp_path / "none.sock").returncode == UNREACHABLE


# -- While a text is written at a terminal ----------------------------------------------------------------------

def as_from_a_shell():
    """In the child: signals that a test run in the background ignores end a program at a terminal."""
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """radioctl send text at a terminal of its own; screen is all that it wrote there."""

    def __init__(self, socket_path, *argv, columns=80):
        self.keyboard, self.far = pty.openpty()
        fcntl.ioctl(self.far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.found = termios.tcgetattr(self.far)
        self.screen = ""
        env = {**os.environ, "LC_ALL": "C.UTF-8", "RADIOD_SOCKET": str(socket_path)}
        self.process = subprocess.Popen([built("radiod/radioctl"), "send", "text", *argv], stdin=self.far, stdout=self.far,
                                        stderr=self.far, env=env, preexec_fn=as_from_a_shell)
        os.set_blocking(self.keyboard, False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop_process(self.process)
        os.close(self.keyboard)
        os.close(self.far)

    def read(self):
        with contextlib.suppress(BlockingIOError):
            self.screen += os.read(self.keyboard, 65536).decode(errors="replace")
        return self.screen

    def wait_for(self, pattern, since=0):
        """Waits until what was written since then has the pattern; returns how much was written by now."""
        try:
            wait_until(lambda: re.search(pattern, self.read()[since:]), pattern)
        except TimeoutError as error:
            raise AssertionError(f"{error}; the screen: {self.screen[-2000:]!r}") from None
        return len(self.screen)

    def type(self, keys):
        """Returns how much was written before."""
        since = len(self.read())
        os.write(self.keyboard, keys if isinstance(keys, bytes) else keys.encode())
        return since

    def ready(self):
        self.wait_for("200 characters left")
        assert not termios.tcgetattr(self.far)[3] & (termios.ICANON | termios.ECHO)
        return self

    def end(self):
        """The exit code; the terminal is as it was found."""
        wait_until(lambda: self.read() is None or self.process.poll() is not None, "radioctl's end")
        self.read()
        assert termios.tcgetattr(self.far) == self.found
        return self.process.returncode


def sent_texts(post):
    return [message["text"] for message in filed(post)]


def test_what_is_written_is_sent_and_its_cost_shown(lonely):
    with Terminal(lonely.socket, "1").ready() as terminal:
        since = terminal.type("Pon an kase è")
        terminal.wait_for(r"187 characters left, \d+ bytes, \d+\.\d\d s on vhf \(down\)", since)
        terminal.type("\r")
        assert terminal.end() == OK
        assert "Port-au-Prince (1)" in terminal.screen
    assert sent_texts(lonely)[0] == "Pon an kase è"


def test_the_cost_shown_is_the_daemons_and_on_the_channel_that_is_up(network):
    price = cost(network.post, {"kind": "text", "to": "1", "text": "Dlo ap monte"})
    channel, = price["channels"]
    with Terminal(network.post.socket, "1").ready() as terminal:
        terminal.type("Dlo ap monte")
        terminal.wait_for(re.escape(f"188 characters left, {price['bytes']} bytes, {channel['airtime_s']:.2f} s on vhf\x1b"))
        terminal.type(CTRL_C)
        assert terminal.end() == REFUSED


def test_keys_edit_what_is_sent(lonely):
    with Terminal(lonely.socket, "1").ready() as terminal:
        terminal.type("brouillon" + "\x15" + "èn mo twò")
        terminal.type(CTRL_W + b"de" + HOME + "z".encode() + BACKSPACE + CTRL_A + b"- " + CTRL_E + LEFT + b"x" + CTRL_K + b"\r")
        assert terminal.end() == OK
    assert sent_texts(lonely)[0] == "- èn mo dx"


@pytest.mark.parametrize("keys", [CTRL_C, ESC, b"abc" + CTRL_C, "èò".encode() + ESC, b"\x04"])
def test_a_writer_who_gives_up_sends_nothing(lonely, keys):
    before = filed(lonely)
    with Terminal(lonely.socket, "1").ready() as terminal:
        terminal.type(keys)
        assert terminal.end() == REFUSED
        assert "nothing was sent" in terminal.screen
    assert filed(lonely) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_leaves_the_terminal_as_it_was(lonely, number):
    before = filed(lonely)
    with Terminal(lonely.socket, "1").ready() as terminal:
        terminal.wait_for("abc", terminal.type("abc"))
        terminal.process.send_signal(number)
        assert terminal.end() == -number
    assert filed(lonely) == before


def test_a_terminal_that_goes_away_sends_nothing(lonely):
    before = filed(lonely)
    terminal = Terminal(lonely.socket, "1").ready()
    terminal.wait_for("abc", terminal.type("abc"))
    os.close(terminal.far)
    os.close(terminal.keyboard)
    assert terminal.process.wait(30) != OK
    assert filed(lonely) == before


def test_what_is_too_long_is_said_and_not_sent(lonely):
    with Terminal(lonely.socket, "1").ready() as terminal:
        terminal.wait_for("3 characters too many", terminal.type("x" * 203))
        terminal.wait_for("\a", terminal.type("\r"))
        terminal.wait_for("0 characters left", terminal.type(BACKSPACE * 3))
        terminal.type("\r")
        assert terminal.end() == OK
    assert sent_texts(lonely)[0] == "x" * 200


def test_an_empty_line_is_not_sent(lonely):
    with Terminal(lonely.socket, "1").ready() as terminal:
        terminal.wait_for("\a", terminal.type("\r"))
        terminal.type(ESC)
        assert terminal.end() == REFUSED


def test_what_the_daemon_refuses_is_said_while_typing(lonely):
    with Terminal(lonely.socket, "Nowhere").ready() as terminal:
        terminal.wait_for('no station "Nowhere"', terminal.type("a"))
        terminal.type("\r")
        assert terminal.end() == NOT_FOUND


def test_one_can_write_while_no_daemon_answers(tmp_path):
    with Terminal(tmp_path / "none.sock", "1").ready() as terminal:
        terminal.wait_for("199 characters left, cost unknown: radiod does not answer", terminal.type("a"))
        terminal.wait_for("abc", terminal.type("bc"))
        terminal.wait_for("197 characters left", 0)
        terminal.type("\r")
        assert terminal.end() == UNREACHABLE
        assert re.search(r"\x1b\[Jabc\r\n", terminal.screen)


def test_one_can_write_while_the_daemon_hangs(tmp_path):
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        deaf.listen(8)
        with Terminal(tmp_path / "deaf.sock", "1").ready() as terminal:
            terminal.wait_for("radiod does not answer", terminal.type("a"))
            terminal.wait_for("> abc", terminal.type("bc"))
            terminal.type(CTRL_C)
            assert terminal.end() == REFUSED


def test_the_cost_comes_back_with_the_daemon(tmp_path):
    make_network(tmp_path)
    with Terminal(tmp_path / "2.sock", "1").ready() as terminal:
        terminal.wait_for("radiod does not answer", terminal.type("a"))
        with Post(tmp_path, 2):
            terminal.wait_for("s on vhf", 0)
            terminal.type(CTRL_C)
            assert terminal.end() == REFUSED


def test_a_long_line_scrolls_on_a_narrow_terminal(lonely):
    with Terminal(lonely.socket, "1", columns=30).ready() as terminal:
        terminal.wait_for(r"> k{27}\r", terminal.type("a" * 30 + "k" * 40))
        since = terminal.type(HOME)
        terminal.wait_for(r"> a{27}\r", since)
        for line in re.split(r"\r\n|\r", re.sub(r"\x1b\[\d*[A-Z]", "", terminal.screen[since:])):
            assert len(line) <= 30, line
        terminal.type(CTRL_C)
        assert terminal.end() == REFUSED


@pytest.mark.parametrize("text", ["", "un texte\n"])
def test_without_a_terminal_words_are_wanted_as_before(lonely, text):
    before = filed(lonely)
    result = lonely.ctl("send", "text", "1", text=text)
    assert result.returncode == USAGE and "too few words" in result.stderr
    assert filed(lonely) == before
