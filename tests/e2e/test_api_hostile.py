# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a client does to the control API, radiod goes on and answers the next one."""

import contextlib
import json
import random
import re
import socket
import subprocess
import time

import pytest

from cli_posts import Post, make_network
from modem_tool import ROOT, built

TEXT = {"kind": "text", "to": "1", "text": "ok"}
SLOW_CLIENT_MAX_S = 45  # the daemon cuts a request after 30 s


@pytest.fixture(scope="module")
def post(tmp_path_factory):
    folder = tmp_path_factory.mktemp("post")
    make_network(folder)
    with Post(folder, 2) as running:
        yield running


@pytest.fixture(autouse=True)
def still_answers(post):
    yield
    assert post.http("GET", "/v1/status")[0] == 200
    assert post.process.poll() is None


def error_of(reply):
    status, _, body = reply
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message"}
    assert "\n" not in body["error"]["message"]
    return status, body["error"]["code"]


def test_every_error_code_and_path_of_the_source_is_documented():
    source = "".join(path.read_text() for path in (ROOT / "radiod" / "api").glob("*.c"))
    document = (ROOT / "radiod" / "api" / "API.md").read_text()
    codes = set(re.findall(r'api_reply_error\(\s*reply, \d+, "(\w+)"', source))
    codes |= set(re.findall(r'api_refuse\(\s*problem, "(\w+)"', source))
    assert len(codes) > 10
    for code in codes:
        assert f"`{code}`" in document, code
    for method, path in re.findall(r'\{"(GET|POST)", "(/v1/[^"]+)"', source):
        assert f"## {method} {path}" in document


def test_socket_is_for_owner_and_group_only(post):
    assert post.socket.stat().st_mode & 0o777 == 0o660


def test_second_daemon_on_a_live_socket_is_refused(post):
    config = post.folder / "second.conf"
    config.write_text((post.folder / "2.conf").read_text().replace("2.db", "second.db"))
    second = subprocess.run([built("radiod/radiod"), "-c", config], capture_output=True, text=True, timeout=30,
                            check=False)
    assert second.returncode == 1 and "another radiod" in second.stderr
    assert post.socket.exists()


def test_a_socket_left_by_a_crash_is_replaced_and_one_left_by_a_stop_is_gone(tmp_path):
    make_network(tmp_path)
    with Post(tmp_path, 2) as first:
        first.process.kill()
        first.process.wait()
        with Post(tmp_path, 2) as second:
            assert second.http("GET", "/v1/status")[0] == 200
        assert not second.socket.exists()
        first.process = second.process


def test_a_file_in_the_way_is_never_removed(tmp_path):
    make_network(tmp_path)
    (tmp_path / "2.sock").write_text("mine")
    with pytest.raises(AssertionError, match="it is no socket"), Post(tmp_path, 2):
        pass
    assert (tmp_path / "2.sock").read_text() == "mine"


def test_stops_in_order_while_clients_hang_on(tmp_path):
    make_network(tmp_path)
    with contextlib.ExitStack() as stack:
        with Post(tmp_path, 2) as one:
            for data in (b"", b"GET /v1/st", b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"):
                client = stack.enter_context(socket.socket(socket.AF_UNIX))
                client.connect(str(one.socket))
                client.sendall(data)
            assert one.http("GET", "/v1/status")[0] == 200
        # Post checks that radiod ended well.


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/nothing", "/v1/status/", "/v1/messages/2-1/x", "//v1/status",
                                  "/v1/messages//receipt", "/../../etc/passwd", "/v1/%00", "/" + "a" * 4000])
def test_unknown_path_is_404(post, path):
    assert error_of(post.http("GET", path)) == (404, "unknown_path")


@pytest.mark.parametrize("method, path, allow", [
    ("DELETE", "/v1/status", "get"), ("POST", "/v1/log", "get"), ("PUT", "/v1/messages", "get, post"),
    ("GET", "/v1/messages/2-1/receipt", "post"), ("BREW", "/v1/peers", "get")])
def test_wrong_method_is_405_and_tells_the_right_one(post, method, path, allow):
    reply = post.http(method, path)
    assert error_of(reply) == (405, "wrong_method")
    assert reply[1]["allow"] == allow


@pytest.mark.parametrize("name", ["0-1", "2-0", "251-1", "2-4294967296", "2-1x", "-2-1", "2", "02-1", "2-1-1",
                                  "9" * 500, "%F0%9F%92%A3"])
def test_what_is_no_message_id_is_not_found(post, name):
    assert error_of(post.http("GET", f"/v1/messages/{name}")) == (404, "not_found")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "before=0", "before=-5",
                                   "before=99999999999999999999", "box=attic", "kind=rumour", "unread=perhaps",
                                   "colour=red", "limit=5&limit=6", "limit=" + "1" * 200,
                                   "&".join(f"a{i}=1" for i in range(20))])
def test_bad_query_is_refused(post, query):
    assert error_of(post.http("GET", f"/v1/messages?{query}")) == (400, "bad_query")


@pytest.mark.parametrize("path", ["/v1/phrases?lang=de", "/v1/phrases?lang=", "/v1/phrases?lang=FR", "/v1/phrases?limit=1",
                                  "/v1/phrases?q=" + "x" * 200, "/v1/phrases?q=a&q=b", "/v1/messages?lang=xx",
                                  "/v1/messages/2-1?lang=klingon", "/v1/messages/2-1?q=x"])
def test_bad_query_of_phrases_is_refused(post, path):
    assert error_of(post.http("GET", path)) == (400, "bad_query")


@pytest.mark.parametrize("words", ["%FF%FE", "%00", "%C3", "%C3%A9%C3", "%25s%25n", "+++", "a+b+c+d+e+f+g+h"])
def test_a_search_for_anything_is_answered(post, words):
    status, _, body = post.http("GET", f"/v1/phrases?q={words}")
    assert status == 200 and isinstance(body["phrases"], list) or error_of((status, _, body)) == (400, "bad_query")


def test_phrases_are_searched_without_accents(post):
    found = post.http("GET", "/v1/phrases?q=vehicule+arretez&lang=fr")[2]["phrases"]
    assert found == [{"number": 33, "topic": "vehicle", "slots": ["plate"],
                      "sentences": {"fr": "Véhicule recherché {plate} : arrêtez-le et rendez compte."}}]


def test_unknown_station_in_query_is_refused(post):
    assert error_of(post.http("GET", "/v1/messages?station=%FF%FEx")) == (400, "unknown_station")


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"[]", b"null", b"3", b'"text"', b'{"kind":"text",}',
                                  b'{"kind":"text"}{}', b'{"kind":"text","kind":"text"}', b'{"kind":"\xff\xfe"}',
                                  b'{"kind":"\xed\xa0\x80"}', b'{"kind":"a\\u0000b"}', b'{"kind":"\\ud800"}',
                                  b'{"n":1e999}', b'{"n":99999999999999999999999}', b'{"a":' * 5000,
                                  b"[" * 60000, b"\x00" * 100])
def test_what_is_no_json_object_is_400(post, body):
    assert error_of(post.http("POST", "/v1/messages", body)) == (400, "bad_json")


@pytest.mark.parametrize("change, code", [
    ({"kind": None}, "bad_value"), ({"kind": "song"}, "bad_value"), ({"to": None}, "bad_value"),
    ({"to": "9"}, "unknown_station"), ({"to": 2}, "unknown_station"), ({"to": -1}, "unknown_station"),
    ({"to": 2**62}, "unknown_station"), ({"to": [1]}, "bad_value"), ({"to": ""}, "unknown_station"),
    ({"text": ""}, "missing_field"), ({"text": "x" * 201}, "too_long"), ({"text": "\x07"}, "bad_value"),
    ({"text": 5}, "bad_value"), ({"text": "😀" * 201}, "too_long"), ({"precedence": "SOON"}, "bad_value"),
    ({"precedence": 3}, "bad_value"), ({"urgent": True}, "unknown_field"), ({"é" * 300: 1}, "unknown_field")])
def test_bad_text_is_422_by_name(post, change, code):
    assert error_of(post.http("POST", "/v1/messages", {**TEXT, **change})) == (422, code)


@pytest.mark.parametrize("change, code", [
    ({"state": "ajar"}, "bad_value"), ({"state": 1}, "bad_value"), ({"fields": []}, "bad_value"),
    ({"fields": {"batery": 1}}, "unknown_field"), ({"fields": {"battery": -0.2}}, "bad_value"),
    ({"fields": {"battery": 51.2}}, "bad_value"), ({"fields": {"battery": 1e300}}, "bad_value"),
    ({"fields": {"battery": "24"}}, "bad_value"), ({"fields": {"battery": True}}, "bad_value"),
    ({"fields": {"persons_in": 5000}}, "bad_value"), ({"fields": {"persons_in": 1.5}}, "bad_value"),
    ({"fields": {"persons_in": 2**62}}, "bad_value"), ({"fields": {"staff": None}}, "bad_value"),
    ({"fields": {"staff": 1.5}}, "bad_value"), ({"fields": {"needs": ["beer"]}}, "bad_value"),
    ({"fields": {"needs": "water"}}, "bad_value"), ({"fields": {"needs": ["water,food"]}}, "bad_value"),
    ({"fields": {"needs": [None]}}, "bad_value"), ({"fields": {"needs": ["water"] * 5000}}, "bad_value"),
    ({"fields": {"weather": "x" * 5000}}, "bad_value"), ({"fields": {"minors": 20, "returned": 5, "persons_in": 3}}, "bad_value"),
    ({"state": "open", "restriction": ["freight"]}, "bad_value"), ({"restriction": "freight"}, "bad_value"),
    ({"same_as_last": 1}, "bad_value"), ({"correction_of": "1-1"}, "bad_value"),
    ({"correction_of": "2-99999"}, "not_found"), ({"event": "flood"}, "unknown_field")])
def test_bad_status_is_422_by_name(post, change, code):
    body = {"kind": "status", "to": "1", "state": "open", **change}
    assert error_of(post.http("POST", "/v1/messages", body)) == (422, code)


@pytest.mark.parametrize("change, code", [
    ({"event": None}, "bad_value"), ({"event": "picnic"}, "bad_value"), ({"severity": "Bad"}, "bad_value"),
    ({"status": 0}, "bad_value"), ({"area": "all"}, "bad_value"), ({"area": {"kind": "moon"}}, "bad_value"),
    ({"area": {"kind": "sectors"}}, "bad_value"), ({"area": {"kind": "sectors", "values": []}}, "bad_value"),
    ({"area": {"kind": "sectors", "values": ["XX"]}}, "bad_value"),
    ({"area": {"kind": "all", "values": ["NE"]}}, "bad_value"), ({"area": {"kind": "all", "x": 1}}, "unknown_field"),
    ({"area": {"kind": "station", "values": [9]}}, "unknown_station"), ({"area": {"kind": "station"}}, "bad_value"),
    ({"onset_min": 7}, "bad_value"), ({"onset_min": 3840}, "bad_value"), ({"onset_min": -15}, "bad_value"),
    ({"expiry_h": 0}, "bad_value"), ({"expiry_h": 25}, "bad_value"), ({"expiry_h": 768}, "bad_value"),
    ({"expiry_h": 2, "until_cancelled": True}, "bad_value"), ({"msg_type": "Update"}, "bad_value"),
    ({"references": "2-1"}, "bad_value"), ({"msg_type": "Cancel", "references": "x"}, "bad_value"),
    ({"msg_type": "Cancel", "references": "1-77"}, "not_found")])
def test_bad_alert_is_422_by_name(post, change, code):
    body = {"kind": "alert", "to": "1", "event": "flood", **change}
    assert error_of(post.http("POST", "/v1/messages", body)) == (422, code)


def test_flash_to_all_is_for_coordinators(post):
    body = {"kind": "alert", "event": "tsunami", "to": "all"}
    assert error_of(post.http("POST", "/v1/messages", body)) == (403, "flash_to_all")
    del body["to"]
    status, _, filed = post.http("POST", "/v1/messages", body)
    assert status == 201 and filed["to"]["number"] == 1


@pytest.mark.parametrize("step", [{}, {"step": "eaten"}, {"step": "received"}, {"step": "expired"}, {"step": 1},
                                  {"step": "read", "officer": 0}, {"step": "read", "officer": 64},
                                  {"step": "refused"}, {"step": "read", "colour": 1}])
def test_bad_receipt_is_422(post, step):
    assert error_of(post.http("POST", "/v1/messages/1-5/receipt", step))[0] == 422


def test_receipt_and_cancel_of_nothing_are_404(post):
    assert error_of(post.http("POST", "/v1/messages/1-5/receipt", {"step": "read"})) == (404, "not_found")
    assert error_of(post.http("POST", "/v1/messages/2-999999/cancel", {})) == (404, "not_found")


def test_cancel_ends_the_wait_once(post):
    message = post.http("POST", "/v1/messages", TEXT)[2]
    assert message["deliveries"][0]["waiting_because"]
    path = f"/v1/messages/{message['id']}/cancel"
    assert post.http("POST", path, {"to": "BLD"})[0] == 422
    cancelled = post.http("POST", path, {"to": "PAP1"})
    assert cancelled[0] == 200 and cancelled[2]["deliveries"][0]["state"] == "cancelled"
    assert error_of(post.http("POST", path, {})) == (409, "nothing_waits")


def test_nothing_is_filed_by_a_refused_request(post):
    before = post.http("GET", "/v1/messages?limit=1")[2]
    post.http("POST", "/v1/messages", {**TEXT, "x": 1})
    assert post.http("GET", "/v1/messages?limit=1")[2] == before


def test_body_too_long_is_413(post):
    assert error_of(post.http("POST", "/v1/messages", b"x" * 65537)) == (413, "too_large")
    assert error_of(post.http("POST", "/v1/messages", b"x" * 500000)) == (413, "too_large")
    assert error_of(post.http("POST", "/v1/messages", b" " * 65536)) == (400, "bad_json")


def test_endless_body_is_cut_off(post):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(post.socket))
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for _ in range(2000):  # 16 MiB: more than any buffer between us holds
                client.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")


@pytest.mark.parametrize("data", [
    b"", b"\r\n\r\n", b"GET", b"GET /v1/status", b"\x16\x03\x01\x02\x00\x01\x00", b"GET /v1/status HTTP/9.9\r\n\r\n",
    b"GET /v1/status HTTP/1.1\r\n" + b"X: y\r\n" * 20000, b"GET /" + b"%" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
    b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{}",
    b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n"])
def test_garbage_ends_only_its_own_connection(post, data):
    with contextlib.suppress(TimeoutError):  # not finished: the daemon waits for the rest, for a while
        post.raw(data, deadline_s=1)


def test_random_garbage_ends_only_its_own_connection(post):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    sample = b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 40\r\n\r\n" + json.dumps(
        TEXT).encode()
    for _ in range(150):
        data = bytearray(sample)
        for _ in range(rng.randrange(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with contextlib.suppress(TimeoutError):  # a request made longer than it is: the daemon waits for the rest
            post.raw(bytes(data), deadline_s=0.2)


def test_random_values_are_answered_in_json(post):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    atoms = [None, True, False, 0, -1, 1.5, 2**63 - 1, -2**63, 1e308, "", "all", "1", "open", "é\n", "x" * 900, [], {}]
    names = ["kind", "to", "precedence", "text", "state", "restriction", "fields", "same_as_last", "correction_of",
             "event", "status", "area", "onset_min", "expiry_h", "until_cancelled", "references", "msg_type"]

    def value(depth):
        kind = rng.randrange(10)
        if depth and kind == 0:
            return [value(depth - 1) for _ in range(rng.randrange(4))]
        if depth and kind == 1:
            return {rng.choice([*names, "battery", "needs", "values"]): value(depth - 1) for _ in range(3)}
        return rng.choice(atoms)

    for _ in range(300):
        body = {name: value(3) for name in rng.sample(names, rng.randrange(6))}
        body["kind"] = rng.choice(["status", "text", "alert", value(1)])
        status, _, reply = post.http("POST", "/v1/messages", body)
        assert status in (201, 403, 422), (body, reply)


def test_a_hundred_silent_clients_stop_nobody(post):
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(post.socket))
            client.sendall(b"GET /v1/st")
        assert post.http("GET", "/v1/status")[0] == 200


def test_more_clients_than_may_connect_wait_for_their_turn(post):
    with contextlib.ExitStack() as stack:
        clients = []
        for _ in range(200):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(post.socket))
            client.settimeout(30)
            client.sendall(b"GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            clients.append(client)
        for client in clients:
            assert client.recv(12) == b"HTTP/1.1 200"


def test_slow_client_is_cut_off(post):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(post.socket))
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
        end = time.monotonic() + SLOW_CLIENT_MAX_S
        client.settimeout(1)
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                assert not client.recv(1000)
                return
            client.sendall(b"x")
        pytest.fail("a client that sends a byte a second was never cut off")


def test_pages_follow_each_other_without_gap(post):
    for i in range(5):
        assert post.http("POST", "/v1/messages", {**TEXT, "text": f"page {i}"})[0] == 201
    rows, before = [], ""
    while before is not None:
        page = post.http("GET", "/v1/messages?limit=2" + (f"&before={before}" if before else ""))[2]
        rows += [message["row"] for message in page["messages"]]
        before = page["next"]
    assert rows == sorted(rows, reverse=True) and len(set(rows)) == len(rows) >= 5


def test_times_are_utc_with_milliseconds(post):
    now = post.http("GET", "/v1/status")[2]["now"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", now)


def test_log_is_served_newest_first(post):
    events = post.http("GET", "/v1/log?limit=5")[2]["events"]
    rows = [event["row"] for event in events]
    assert rows and rows == sorted(rows, reverse=True)
