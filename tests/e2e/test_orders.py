# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders of the authority, routes, roll call and the clock as radioctl and the control API show them, on posts whose
radio is switched off."""

import json
import pathlib

import pytest

from air import wait_until
from cli_posts import Network, Post, make_network, radioctl

OK, REFUSED, USAGE, UNREACHABLE, NOT_FOUND = range(5)
STATIONS = {1: ("Port-au-Prince", "PAP1", "coordinator"), 2: ("Belladère", "BLD1", "post"), 3: ("Malpasse", "MAL1", "post")}


@pytest.fixture
def folder(tmp_path):
    make_network(tmp_path, STATIONS)
    return tmp_path


def change(folder, *argv):
    """The answer of a change of the network; folder "net" goes in after the command."""
    result = radioctl("network", argv[0], folder / "net", *argv[1:], "--json")
    assert result.returncode == OK, result.stderr
    return json.loads(result.stdout)


def version(post):
    return post.json("status")["directory_version"]


def numbers(post):
    return [peer["number"] for peer in post.json("peers")["peers"]]


def field(path, name):
    """A value of an order file."""
    return dict(line.split(" ", 1) for line in pathlib.Path(path).read_text().splitlines()[1:])[name]


def test_revoked_station_is_gone_also_after_a_restart(folder):
    with Post(folder, 1) as post:
        before = version(post)
        order = change(folder, "revoke", "Malpasse")
        assert "Malpasse" in post.ok("order", "send", order["order"])
        assert (version(post), numbers(post)) == (before + 1, [2])
        assert post.ctl("send", "text", "Malpasse", "x").returncode == NOT_FOUND
    with Post(folder, 1) as post:
        assert (version(post), numbers(post)) == (before + 1, [2])


def test_changed_and_added_stations_are_known_by_their_new_names(folder):
    with Post(folder, 1) as post:
        order = change(folder, "change", "Malpasse", "--name", "Malpasse 2", "--role", "relay")
        post.ok("order", "send", order["order"])
        added = radioctl("network", "add", folder / "net", "--name", "Anse-à-Pitres", "--callsign", "ANS1", "--number", 300)
        assert added.returncode == OK and "order send" in added.stdout
        post.ok("order", "send", folder / "net" / f"order-{order['version'] + 1:05}")
        peers = {peer["number"]: peer for peer in post.json("peers")["peers"]}
        assert peers[3]["name"] == "Malpasse 2" and peers[3]["role"] == "relay"
        assert peers[300]["callsign"] == "ANS1"
        assert post.json("send", "text", "300", "Byenveni")["to"]["number"] == 300


def test_orders_are_carried_out_in_their_turn_and_once(folder):
    with Post(folder, 1) as post:
        first, second = change(folder, "revoke", "3"), change(folder, "revoke", "2")
        late = post.ctl("order", "send", second["order"])
        assert late.returncode == REFUSED and "orders before it first" in late.stderr
        assert numbers(post) == [2, 3]
        post.ok("order", "send", first["order"], second["order"])
        again = post.ctl("order", "send", first["order"])
        assert again.returncode == REFUSED and "before" in again.stderr
        assert numbers(post) == []


def test_order_of_another_network_is_refused(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    make_network(other, STATIONS)
    with Post(folder, 1) as post:
        result = post.ctl("order", "send", change(other, "revoke", "3")["order"])
        assert result.returncode == REFUSED and "authority" in result.stderr
        assert 3 in numbers(post)


def test_new_hop_key_is_filed_for_each_station_and_shown_to_nobody(folder):
    order = change(folder, "rekey", "--wait-min", 60)
    secret = field(order["order"], "hop_secret")
    with Post(folder, 1) as post:
        assert "2 of them" in post.ok("order", "send", order["order"])
        keys = post.http("GET", "/v1/messages?kind=key")[2]["messages"]
        assert sorted(key["to"]["number"] for key in keys) == [2, 3]
        assert post.json("outbox")["messages"] == []
        everything = json.dumps(keys) + json.dumps(post.http("GET", f"/v1/messages/{keys[0]['id']}")[2])
        assert secret not in everything and secret not in post.log.read_text()
        again = post.json("order", "send", order["order"])
        assert again["keys_filed"] == 0
        post.ok("cancel", keys[0]["id"])
        assert post.json("order", "send", order["order"])["keys_filed"] == 1
    assert secret in (folder / "1.key").read_text()


@pytest.mark.parametrize("body, code", [
    ({}, "missing_field"), ({"order": 7}, "bad_value"), ({"order": "xyz"}, "bad_value"), ({"order": ""}, "bad_value"),
    ({"order": "00"}, "bad_order"), ({"order": "00" * 300}, "bad_value"), ({"order": "00", "more": 1}, "unknown_field"),
    ({"order": "00", "hop_secret": "00"}, "bad_value")])
def test_what_is_no_order_is_422(folder, body, code):
    with Post(folder, 1) as post:
        status, _, reply = post.http("POST", "/v1/orders", body)
        assert (status, reply["error"]["code"]) == (422, code)


def test_key_that_the_order_did_not_promise_is_refused(folder):
    order = change(folder, "rekey")
    revoke = change(folder, "revoke", "3")
    with Post(folder, 1) as post:
        for path, secret in ((order["order"], "11" * 32), (order["order"], None), (revoke["order"], "11" * 32)):
            body = {"order": field(path, "order"), **({"hop_secret": secret} if secret else {})}
            status, _, reply = post.http("POST", "/v1/orders", body)
            assert (status, reply["error"]["code"]) == (422, "bad_order"), reply
        assert version(post) == order["version"] - 1


def test_order_files_are_kept_and_read_with_care(folder):
    order = pathlib.Path(change(folder, "rekey")["order"])
    assert order.stat().st_mode & 0o777 == 0o600
    with Post(folder, 1) as post:
        order.chmod(0o644)
        assert "chmod 600" in post.ctl("order", "send", order).stderr
        order.chmod(0o600)
        order.write_text(order.read_text().replace("\norder ", "\norder 0"))
        assert post.ctl("order", "send", order).returncode == REFUSED
        assert post.ctl("order", "send", folder / "none").returncode == NOT_FOUND


@pytest.mark.parametrize("argv, code, word", [
    (["revoke", "NET", "Nowhere"], NOT_FOUND, "Nowhere"), (["rekey", "NET", "--wait-min", "0"], USAGE, "65535"),
    (["change", "NET", "3", "--name", "Belladère"], REFUSED, "BLD1"), (["change", "NET", "3", "--role", "king"], USAGE, "relay"),
    (["change", "NET", "9"], NOT_FOUND, "9"), (["revoke", "/nonexistent", "3"], NOT_FOUND, "network init")])
def test_impossible_changes_are_refused_and_make_no_order(folder, argv, code, word):
    before = sorted(path.name for path in (folder / "net").iterdir())
    result = radioctl("network", *(folder / "net" if word == "NET" else word for word in argv))
    assert result.returncode == code and word in result.stderr, result.stderr
    assert sorted(path.name for path in (folder / "net").iterdir()) == before


def test_key_file_that_cannot_be_written_is_told(folder):
    """Nothing may be half done: the order stays undone, and the log says why."""
    order = change(folder, "revoke", "3")
    with Post(folder, 1) as post:
        before = version(post)
        (folder / "1.key").rename(folder / "moved.key")
        (folder / "1.key").mkdir()
        post.ctl("order", "send", order["order"])
        assert version(post) == before and 3 in numbers(post)
        assert "1.key" in post.log.read_text()
        (folder / "1.key").rmdir()


def test_poll_names_what_is_wrong(folder):
    with Post(folder, 1) as post:
        assert post.ctl("poll", "Nowhere").returncode == NOT_FOUND
        assert "channel list" in post.ctl("poll", "2", "--channel", "uhf").stderr
        assert post.ctl("poll", "2", "--seconds", "256").returncode == USAGE
        for body in ({}, {"station": "all"}, {"station": 1}, {"station": 2, "seconds": 0}, {"station": 2, "channel": 7}):
            assert post.http("POST", "/v1/poll", body)[0] == 422


def is_up(post):
    return post.json("channel", "list")["channels"][0]["up"]


def test_poll_over_a_radio_that_is_switched_off_is_refused(folder):
    with Post(folder, 1) as post:
        wait_until(lambda: not is_up(post), "the radio seen to be off")
        refused = post.ctl("poll", "2", "--channel", "vhf", "--seconds", "5")
        assert refused.returncode == REFUSED and "channel is down" in refused.stderr


def test_poll_calls_a_post(tmp_path):
    with Network(tmp_path) as network:
        wait_until(lambda: is_up(network.coordinator), "the channel up")
        assert "Belladère" in network.coordinator.ok("poll", "2", "--channel", "vhf", "--seconds", "5")


def test_routes_are_listed_when_there_are_none(folder):
    with Post(folder, 1) as post:
        assert post.json("routes") == {"routes": []}
        assert "VIA" in post.ok("routes")


def start_with_clock(folder, clock):
    post = Post(folder, 2)
    post.station_lines = [f"clock = {clock}"]
    return post


def test_post_without_a_clock_works_and_says_so(folder):
    with start_with_clock(folder, "none") as post:
        message = post.json("send", "text", "1", "san revèy")
        assert message["filed"] is None
        status = post.json("status")
        assert status["clock"] == {"known": False, "source": "none"} and status["now"] is None
        assert "not known" in post.ok("status")
        assert "no time of day" in post.log.read_text()


def test_dates_are_filled_in_once_the_clock_is_set_and_nothing_expires(folder):
    with start_with_clock(folder, "none") as post:
        message = post.json("send", "text", "1", "anvan revèy la")["id"]
    with start_with_clock(folder, "manual") as post:
        assert post.json("status")["clock"] == {"known": True, "source": "system"}
        shown = post.json("show", message)
        assert shown["filed"][:4] >= "2025"
        assert shown["deliveries"][0]["state"] == "queued"
        rows = [event["at"] for event in post.json("log")["events"]]
        assert rows == sorted(rows, reverse=True)
