# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong at a real post: each mistake gets a clear word, and nothing is lost."""

import os
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from conftest import STATIONS
from exchange import DELIVERED, wait_for_state
from kiss_air import KissAir
from network_in_a_box import Box, wait_until

CALM = ["beacon_interval_s = 0"]


def add_sound_post(box, index, **settings):
    number, name, *_ = STATIONS[index]
    return box.add_post(number, name, {"hf": box.sound_channel(number, modes="DATAC0", **settings)}, CALM)


@pytest.fixture
def pair(network):
    """Two posts on a good channel."""
    network.start_ether(15)
    return [add_sound_post(network, index).start() for index in (0, 1)]


def events(post):
    return [event["text"] for event in post.ask("log", "--limit", 200)["events"]]


def wait_for_event(post, words, within_s=60):
    wait_until(lambda: any(all(word in text for word in words) for text in events(post)), within_s,
               f"an event with {words} at {post.name}")


def start_refused(post):
    """Runs radiod, which must not start.  Returns what it said."""
    done = subprocess.run([str(post.box.radiod), "-c", str(post.config)], capture_output=True, text=True, timeout=30,
                          check=False)
    assert done.returncode == 1
    return done.stderr


def test_missing_serial_port_is_an_event_and_messages_wait(network):
    post = network.add_post(1, "Ouanaminthe", {"vhf": {"modem": "kiss", "service": "test", "device": "/dev/ttyNOTHERE",
                                                       "callsign": "HH2OU"}}, CALM)
    post.start(wait=False)
    wait_until(lambda: post.run("status", check=False).returncode == 0, 30, "radiod answering")
    wait_for_event(post, ["/dev/ttyNOTHERE"])
    message_id = post.send("text", "2", "Nou la")
    waiting = post.deliveries(message_id)[2]
    assert waiting["state"] == "queued"
    assert "channel" in waiting["waiting_because"]


def test_device_that_vanishes_comes_back_by_itself(network, pair):
    one, two = pair
    network.ether.kill()
    network.ether.wait()
    wait_until(lambda: not one.ask("channel", "list")["channels"][0]["up"], 30, "the channel going down")
    message_id = one.send("text", two.number, "pandan radyo a pa la")
    network.start_ether(15)
    wait_until(lambda: all(p.ask("channel", "list")["channels"][0]["up"] for p in pair), 60, "the channels coming back")
    wait_for_state(one, message_id, two, DELIVERED, 120)


@pytest.mark.parametrize("arguments,status,words", [
    (["send", "text", "99", "alo"], 4, "99"),
    (["send", "text", "Nulle-Part", "alo"], 4, "Nulle-Part"),
    (["send", "text", "2", "a" * 201], 1, "200 characters"),
    (["send", "status", "--to", "2", "--state", "open", "--battery", "900"], 2, "battery"),
    (["send", "status", "--to", "2", "--state", "evacuated", "--persons-in", "3"], 1, "evacuated"),
    (["read", "2-77"], 4, "2-77"),
])
def test_what_cannot_be_sent_is_refused_with_a_reason(network, arguments, status, words):
    network.start_ether(15)
    post = add_sound_post(network, 0).start()
    done = post.run(*arguments, check=False)
    assert (done.returncode, words in done.stderr) == (status, True), done.stderr
    assert post.ask("outbox")["messages"] == []


def test_second_daemon_on_the_same_store_is_refused(network):
    network.start_ether(15)
    post = add_sound_post(network, 0).start()
    said = start_refused(post)
    assert "radiod.db" in said
    assert post.run("status").returncode == 0


def test_store_of_another_station_is_refused(network):
    """Its counters and its waiting messages would go out under the wrong name."""
    network.start_ether(15)
    one, two = add_sound_post(network, 0).start(), add_sound_post(network, 1)
    one.send("text", "2", "sa a se pou pòs 1")
    one.stop()
    (one.folder / "radiod.db").rename(two.folder / "radiod.db")
    said = start_refused(two)
    assert "station 1 of this network" in said and "station 2" in said
    (two.folder / "radiod.db").rename(one.folder / "radiod.db")
    one.start()
    assert one.ask("outbox")["messages"][0]["text"] == "sa a se pou pòs 1"


def test_damaged_database_is_refused_and_left_alone(network):
    network.start_ether(15)
    post = add_sound_post(network, 0).start()
    post.send("text", "2", "kenbe sa")
    post.stop()
    database = post.folder / "radiod.db"
    damaged = bytearray(database.read_bytes())
    damaged[100:4096] = os.urandom(3996)
    database.write_bytes(damaged)
    said = start_refused(post)
    assert "radiod.db" in said and len(said.strip().splitlines()) == 1
    assert database.read_bytes() == damaged


def test_wrong_settings_name_file_and_line(network):
    network.start_ether(15)
    post = add_sound_post(network, 0, level=140)
    said = start_refused(post)
    assert "radiod.conf:" in said and "level" in said and "140" in said


def test_key_file_that_others_can_read_is_refused(network):
    network.start_ether(15)
    post = add_sound_post(network, 0)
    key = post.folder / "station.key"
    key.chmod(0o644)
    assert "chmod" in start_refused(post)


def test_foreign_network_on_the_same_frequency_is_not_believed(network, pair, tmp_path):
    """The same numbers, names and software, but other keys."""
    one, two = pair
    foreign = Box(tmp_path / "foreign", network.build)
    foreign.provision(STATIONS[:2])
    foreign.ether_socket = network.ether_socket
    try:
        liar = foreign.add_post(1, "Ouanaminthe", {"hf": foreign.sound_channel(3, modes="DATAC0")}, CALM).start()
        liar.send("text", "2", "fo mesaj")
        wait_until(lambda: two.ask("status")["stats"]["bursts_heard"] >= 1, 60, "the forged burst being heard")
        true_id = one.send("text", two.number, "vre mesaj")
        wait_for_state(one, true_id, two, DELIVERED, 120)
        assert [m["text"] for m in two.inbox().values()] == ["vre mesaj"]
        assert liar.ask("outbox")["messages"] and all(d["state"] in ("queued", "sent")
                                                      for d in liar.deliveries("1-1").values())
    finally:
        foreign.close()


def test_forgery_in_a_network_of_two_is_an_event(box, tmp_path):
    box.provision(STATIONS[:2])
    box.start_ether(15)
    two = add_sound_post(box, 1).start()
    foreign = Box(tmp_path / "foreign", box.build)
    foreign.provision(STATIONS[:2])
    foreign.ether_socket = box.ether_socket
    try:
        liar = foreign.add_post(1, "Ouanaminthe", {"hf": foreign.sound_channel(3, modes="DATAC0")}, CALM).start()
        liar.send("text", "2", "fo mesaj")
        wait_for_event(two, ["authentication failed"])
        assert two.inbox() == {}
    finally:
        foreign.close()


def fill(path):
    """Writes until the disk is full."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        with pytest.raises(OSError):
            while True:
                os.write(file, bytes(4096))
    finally:
        os.close(file)


@pytest.fixture
def quick_air():
    with KissAir() as air:
        yield air


def test_full_disk_refuses_new_messages_and_acknowledges_nothing(network, quick_air):
    """The recipient's disk fills up: the sender goes on trying, and the message arrives once there is room."""
    one, two = (network.add_post(number, name, {"vhf": quick_air.channel(number)}, CALM)
                for number, name, *_ in STATIONS[:2])
    disk = two.folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "radiod-test", disk], check=False,
                      capture_output=True).returncode:
        pytest.skip("no right to mount a small file system")
    try:
        two.config.write_text(two.config.read_text().replace("store = radiod.db", f"store = {disk}/radiod.db"))
        one.start()
        two.start()
        ballast = disk / "ballast"
        fill(ballast)
        refused = next(filter(lambda d: d.returncode, (two.run("send", "text", "1", "x" * 60, check=False)
                                                       for _ in range(400))))
        assert "disk" in refused.stderr
        message_id = one.send("text", two.number, "disk la plen")
        wait_until(lambda: "could not be stored" in two.log.read_text(), 60, "the store refusing the message")
        assert one.deliveries(message_id)[2]["state"] in ("queued", "sent")
        ballast.unlink()
        wait_for_state(one, message_id, two, DELIVERED, 150)
        assert [m["text"] for m in two.inbox().values()] == ["disk la plen"]
    finally:
        two.stop()
        subprocess.run(["umount", disk], check=True)


def test_sigterm_ends_cleanly_and_takes_the_socket_along(network):
    network.start_ether(15)
    post = add_sound_post(network, 0).start()
    assert post.stop() == 0
    assert not post.socket.exists()


def test_reload_takes_over_good_settings_and_refuses_bad_ones(network, pair):
    one, two = pair
    good = one.config.read_text()
    one.config.write_text(good.replace("level = 50", "level = 900"))
    one.process.send_signal(signal.SIGHUP)
    wait_for_event(one, ["not taken over", "level"])
    one.config.write_text(good.replace("[channel hf]", "[channel nvis]"))
    one.process.send_signal(signal.SIGHUP)
    wait_until(lambda: [(c["name"], c["up"]) for c in one.ask("channel", "list")["channels"]] == [("nvis", True)], 30,
               "the channel's new name")
    message_id = one.send("text", two.number, "apre chanjman an")
    wait_for_state(one, message_id, two, DELIVERED, 120)


def channel_names(post):
    return [channel["name"] for channel in post.ask("channel", "list")["channels"]]


def test_reload_asked_for_during_a_reload_is_not_forgotten(network):
    network.start_ether(15)
    post = add_sound_post(network, 0).start()
    text = post.config.read_text()
    padding = "# so that reading takes a while\n" * 20000

    def reload_as(name):
        fresh = post.config.with_suffix(".new")
        fresh.write_text(text.replace("[channel hf]", f"[channel {name}]") + padding)
        os.replace(fresh, post.config)
        post.process.send_signal(signal.SIGHUP)

    for delay_ms in range(0, 60, 4):
        reload_as(f"a{delay_ms}")
        time.sleep(delay_ms / 1000)
        reload_as(f"b{delay_ms}")
        wait_until(lambda: channel_names(post) == [f"b{delay_ms}"], 15, f"the second reload {delay_ms} ms later")


def test_more_deliveries_than_the_outbox_holds_do_not_keep_a_post_down(network):
    post = network.add_post(1, "Ouanaminthe", {"vhf": {"modem": "kiss", "service": "test", "device": "/dev/ttyNOTHERE",
                                                       "callsign": "HH2OU"}}, CALM)

    def start():
        post.start(wait=False)
        wait_until(lambda: post.run("status", check=False).returncode == 0, 30, "radiod answering")

    start()
    post.send("text", "2", "Nou la")
    assert post.stop() == 0
    with sqlite3.connect(post.folder / "radiod.db") as db:
        names = [row[1] for row in db.execute("PRAGMA table_info (message)")]
        columns = ", ".join(name for name in names if name not in ("id", "counter"))
        db.execute(f"""WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
                   INSERT INTO message (counter, {columns}) SELECT 1000 + i, {columns} FROM n, message WHERE id = 1""")
        db.execute("INSERT INTO delivery (message, recipient, changed_ms) "
                   "SELECT id, 2, born_ms FROM message WHERE counter > 1000")
        db.execute("UPDATE counter SET first_free = 5000")
    db.close()
    start()
    assert post.ask("status")["waiting"] == 601
    assert post.deliveries("1-1600")[2]["waiting_because"], "the last of them is taken up too"
    refused = post.run("send", "text", "2", "youn anplis", check=False)
    assert refused.returncode == 1 and "outbox" in refused.stderr


def test_no_channel_stays_keyed_while_another_is_slow_to_close(network):
    network.start_ether(15)
    deaf = network.folder / "deaf"  # lets the first channel in and never welcomes it: the post gives up after 3 s
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(str(deaf))
        server.listen(8)
        server.settimeout(30)
        slow = {"modem": "freedv", "service": "test", "audio": f"ether:{deaf}:slow"}
        post = network.add_post(1, "Ouanaminthe", {"slow": slow, "hf": network.sound_channel(1, modes="DATAC3")}, CALM)
        post.start(wait=False)
        wait_until(lambda: post.run("status", check=False).returncode == 0, 30, "radiod answering")
        post.send("text", "2", "🚢" * 200)  # over 20 s on the air
        wait_until(lambda: post.ask("channel", "list")["channels"][1]["transmitting"], 30, "the burst")
        server.setblocking(False)
        while True:  # the tries so far
            try:
                server.accept()[0].close()
            except BlockingIOError:
                break
        server.settimeout(15)
        guest = server.accept()[0]
        post.process.terminate()
        log = network.folder / "ether.jsonl"
        wait_until(lambda: '"station":"p1","event":"unkey"' in log.read_text(), 10, "the end of the transmission")
        guest.setblocking(False)
        guest.recv(1000)  # its greeting
        with pytest.raises(BlockingIOError):  # not closed yet
            guest.recv(1000)
        assert post.process.wait(10) == 0
