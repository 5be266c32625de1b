# SPDX-License-Identifier: GPL-3.0-or-later
"""Three real posts in a line, of which only the middle one hears the other two: everything passes through it, also
when it is killed half way.  Here over a quick air; tests/soak runs the same tests over real sound."""

import re
import shutil

import pytest

from conftest import empty_box
from exchange import DELIVERED, wait_for_state
from kiss_air import KissAir
from network_in_a_box import wait_until

# Ouanaminthe - Belladère - Port-au-Prince
WEST, MIDDLE, EAST = 1, 2, 64
NAMES = {WEST: "Ouanaminthe", MIDDLE: "Belladère", EAST: "Port-au-Prince", 3: "Malpasse"}


class Carrier:
    """What the posts talk over."""

    beacon_interval_s = 2
    through_s = 240  # deadline for anything that must cross two hops, retries included
    key_wait_min = 1  # until a new hop key is used: time for it to reach everybody

    def __init__(self, air):
        self.start = air.set_apart
        self.channel = air.channel


@pytest.fixture
def carrier():
    with KissAir() as air:
        yield Carrier(air)


def add_post(box, carrier, number):
    return box.add_post(number, NAMES[number], {"hf": carrier.channel(number)},
                        [f"beacon_interval_s = {carrier.beacon_interval_s}"])


def has_route(post, to, via):
    return any(route["to"]["number"] == to and route["via"]["number"] == via for route in post.ask("routes")["routes"])


@pytest.fixture
def line(network, carrier):
    """The three posts, with the routes between the ends found."""
    carrier.start([(WEST, EAST)])
    posts = {number: add_post(network, carrier, number).start() for number in (WEST, MIDDLE, EAST)}
    wait_until(lambda: has_route(posts[WEST], EAST, MIDDLE) and has_route(posts[EAST], WEST, MIDDLE), carrier.through_s,
               "routes between the ends")
    return posts


def events(post):
    return [event["text"] for event in post.ask("log", "--limit", 200)["events"]]


def wait_for_event(post, pattern, within_s):
    wait_until(lambda: any(re.search(pattern, text) for text in events(post)), within_s,
               f"an event like {pattern!r} at {post.name}")


def arrivals(post, message_id):
    return len(re.findall(rf"message: {message_id} \S+ \S+ received", post.log.read_text()))


def test_report_and_text_pass_the_relay_and_their_receipts_come_back(line, carrier):
    west, middle, east = line[WEST], line[MIDDLE], line[EAST]
    report = west.send("status", "--to", EAST, "--state", "open", "--battery", "24.2")
    text = west.send("text", EAST, "Nou pa tande nou dirèk")
    for message_id in (report, text):
        wait_for_state(west, message_id, east, DELIVERED, carrier.through_s)
    assert east.inbox()[report]["status"]["fields"]["battery"] == 24.2
    assert east.inbox()[text]["text"] == "Nou pa tande nou dirèk"
    assert middle.inbox() == {}, "what passes through is not for the officer there"
    east.run("read", text, "--officer", 7)
    wait_for_state(west, text, east, ("read",), carrier.through_s)
    assert west.deliveries(text)[EAST]["officer"] == 7
    assert f"is in custody of {middle.name}" in west.log.read_text()


def test_relay_killed_half_way_loses_nothing_and_repeats_nothing(line, carrier):
    west, middle, east = line[WEST], line[MIDDLE], line[EAST]
    sent = []
    for number in range(3):
        message_id = west.send("text", EAST, f"tou {number}")
        sent.append(message_id)
        wait_for_state(west, message_id, east, ("custody", *DELIVERED), carrier.through_s)
        middle.kill()
        middle.start()
    for message_id in sent:
        wait_for_state(west, message_id, east, DELIVERED, carrier.through_s)
    assert sorted(m["text"] for m in east.inbox().values()) == ["tou 0", "tou 1", "tou 2"]
    assert [arrivals(east, message_id) for message_id in sent] == [1, 1, 1]


def test_message_in_custody_says_who_has_it(line, carrier):
    """The far post is off: the relay keeps the message."""
    west, middle, east = line[WEST], line[MIDDLE], line[EAST]
    east.stop()
    message_id = west.send("text", EAST, "tann mwen")
    delivery = wait_until(lambda: (d := west.deliveries(message_id)[EAST])["state"] == "custody" and d,
                          carrier.through_s, "custody")
    assert delivery["via"]["number"] == MIDDLE
    assert "in custody of Belladère" in west.run("show", message_id).stdout
    east.start()
    wait_for_state(west, message_id, east, DELIVERED, carrier.through_s)
    assert middle.inbox() == {}


def test_alert_to_all_reaches_the_far_post_and_is_proven(line, carrier):
    west, east = line[WEST], line[EAST]
    alert = east.send("alert", "flood", "--text", "Rivyè a ap monte")
    wait_until(lambda: alert in west.inbox(), carrier.through_s, "the alert at the far post")
    wait_until(lambda: west.inbox()[alert]["proven"], carrier.through_s, "the proof of its sender")
    assert west.inbox()[alert]["text"] == "Rivyè a ap monte"
    for number in (WEST, MIDDLE):
        wait_for_state(east, alert, line[number], DELIVERED, carrier.through_s)
    assert arrivals(west, alert) == 1


def start_clockless(box, carrier):
    """A line whose far end, a coordinator, alone has the time: it tells it three minutes after its start."""
    carrier.start([(WEST, EAST)])
    posts = {number: add_post(box, carrier, number) for number in (WEST, MIDDLE, EAST)}
    for number, post in posts.items():
        clock = "manual" if number == EAST else "none"
        post.config.write_text(post.config.read_text().replace("[station]", f"[station]\nclock = {clock}"))
    posts[WEST].start()
    assert posts[WEST].ask("status")["clock"] == {"known": False, "source": "none"}
    assert posts[WEST].ask("status")["now"] is None
    for number in (MIDDLE, EAST):
        posts[number].start()
    return posts


@pytest.fixture(scope="module", autouse=True)
def clockless(provisioned):
    """On an air of its own; its three minutes go by during the other tests."""
    with empty_box() as box, KissAir() as air:
        shutil.copytree(provisioned, box.folder, dirs_exist_ok=True)
        yield start_clockless(box, Carrier(air))


def order_file(box, *arguments):
    return box.ask_tool("network", *arguments)["order"]


def test_revocation_and_rekey_reach_a_post_behind_the_relay(network, carrier):
    box = network
    box.tool("network", "add", box.folder / "network", "--number", 3, "--name", NAMES[3], "--callsign", "HH2MA")
    for number in (WEST, MIDDLE, 3, EAST):
        box.export(number)
    carrier.start([(WEST, EAST), (WEST, 3)])
    west, middle, east = (add_post(box, carrier, number).start() for number in (WEST, MIDDLE, EAST))
    wait_until(lambda: has_route(east, WEST, MIDDLE), carrier.through_s, "the route to the far post")
    before = west.ask("status")["directory_version"]
    orders = [order_file(box, "revoke", box.folder / "network", "Malpasse"),
              order_file(box, "rekey", box.folder / "network", "--wait-min", carrier.key_wait_min)]
    east.run("order", "send", *orders)
    for post in (west, middle, east):
        wait_until(lambda p=post: p.ask("status")["directory_version"] == before + 2, carrier.through_s,
                   f"both orders at {post.name}")
        wait_for_event(post, "hop key of epoch 2 is in use", carrier.through_s)
        assert all(peer["number"] != 3 for peer in post.ask("peers")["peers"])
    # The thief was away and knows nothing of it.
    thief = add_post(box, carrier, 3).start()
    lie = thief.send("text", MIDDLE, "mwen toujou la")
    truth = west.send("text", EAST, "apre chanjman kle a")
    wait_for_state(west, truth, east, DELIVERED, carrier.through_s)
    wait_until(lambda: thief.deliveries(lie)[MIDDLE]["attempts"] > 0, carrier.through_s, "the thief on the air")
    assert middle.inbox() == {} and thief.deliveries(lie)[MIDDLE]["state"] in ("queued", "sent")
    # A restart does not bring the old state back.
    middle.kill()
    middle.start()
    assert middle.ask("status")["directory_version"] == before + 2
    again = west.send("text", EAST, "apre rekòmansman")
    wait_for_state(west, again, east, DELIVERED, carrier.through_s)


def test_time_of_a_coordinator_reaches_a_post_without_a_clock(clockless, carrier):
    west, east = clockless[WEST], clockless[EAST]
    wait_until(lambda: west.ask("status")["clock"]["known"], carrier.through_s, "the time at the far post")
    assert west.ask("status")["now"][:10] == east.ask("status")["now"][:10]
