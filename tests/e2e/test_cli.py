# SPDX-License-Identifier: GPL-3.0-or-later
"""radioctl as officers, coordinators, technicians and scripts use it: offline, and with two posts on the air."""

import json
import re
import subprocess
import unicodedata

import pytest

from air import stop_process, wait_until
from cli_posts import Network, Post, make_network, radioctl
from modem_tool import ROOT, built

OK, REFUSED, USAGE, UNREACHABLE, NOT_FOUND, TIMED_OUT = range(6)
ON_AIR_S = 60  # deadline for anything that must cross the channel


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with Network(tmp_path_factory.mktemp("network")) as running:
        yield running


def columns(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in line)


def assert_fits(text):
    assert text and all(columns(line) <= 80 for line in text.splitlines()), text


def assert_error(result, code, *words):
    """One line on standard error with all the words, nothing on standard output."""
    assert result.returncode == code, (result.returncode, result.stderr)
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("radioctl"), result.stderr
    assert all(word in lines[0] for word in words), lines[0]


def send(post, *argv):
    return post.json("send", *argv)["id"]


# -- Help, names and options: no daemon -------------------------------------------------------------------------

COMMANDS = ["status", "inbox", "outbox", "read", "show", "ack", "send status", "send text", "send alert", "cost", "wait",
            "cancel", "peers", "routes", "poll", "channel list", "log", "fields", "events", "phrases", "config check", "network init",
            "network add", "network change", "network revoke", "network rekey", "network export", "network list",
            "order send"]


def test_overview_names_every_command():
    result = radioctl("--help")
    assert result.returncode == OK
    assert_fits(result.stdout)
    assert re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", result.stdout, re.M) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_its_exit_codes(command):
    result = radioctl(*command.split(), "--help")
    assert result.returncode == OK and not result.stderr
    assert_fits(result.stdout)
    assert f"radioctl {command}" in result.stdout and "Exit status" in result.stdout


def test_manual_and_help_name_the_same_options():
    manual = (ROOT / "radiod" / "man" / "radioctl.1.scd").read_text()
    for command in COMMANDS:
        options = re.findall(r"^  --([a-z-]+)", radioctl(*command.split(), "--help").stdout, re.M)
        fields = [field["name"].replace("_", "-") for field in json.loads(radioctl("fields", "--json").stdout)["fields"]]
        for option in set(options) - set(fields):
            assert re.search(rf"--{option}\b", manual), f"{command} --{option} is not in the manual"
        assert f"*radioctl {command}*" in manual


@pytest.mark.parametrize("argv, near", [
    (["staus"], "status"), (["inbx"], "inbox"), (["send", "txt", "1", "x"], "send text"), (["chanel", "list"], "channel list"),
    (["network", "exprt"], "network export"), (["inbox", "--unraed"], "--unread"),
    (["send", "status", "--batery", "24"], "--battery"), (["send", "alert", "flood", "--sevrity", "x"], "--severity")])
def test_a_slip_is_answered_with_the_nearest_name(argv, near):
    assert_error(radioctl(*argv), USAGE, "did you mean", near)


@pytest.mark.parametrize("argv, word", [
    ([], "no command"), (["xyzzy"], "xyzzy"), (["send"], "send alert"), (["status", "now"], "now"), (["cancel"], "too few"),
    (["read", "first"], "first"), (["inbox", "-u"], "-u"), (["inbox", "--limit"], "--limit"),
    (["inbox", "--limit", "0"], "200"), (["inbox", "--limit", "many"], "many"), (["inbox", "--unread=yes"], "--unread"),
    (["inbox", "--limit", "1", "--limit", "2"], "twice"), (["ack", "1-1"], "--acted"),
    (["ack", "1-1", "--acted", "--refused"], "either"), (["ack", "1-1", "--refused"], "--text"),
    (["wait", "1-1", "--for", "ever"], "ever"), (["wait", "1-1", "--timeout", "-1"], "-1"),
    (["send", "status"], "--state"), (["send", "status", "--state", "open", "--battery", "60"], "50.8 V"),
    (["send", "status", "--state", "open", "--weather", "nice"], "clear"),
    (["send", "status", "--state", "open", "--persons-in", "-3"], "4672"),
    (["send", "text", "1"], "too few"), (["send", "text"], "too few"), (["cost"], "too few"), (["send", "text", "1", "x", "--lang", "fr"], "--phrase"),
    (["send", "text", "1", "--phrase", "1000"], "549"), (["send", "text", "1", "--phrase", "-1"], "549"),
    (["send", "text", "1", "--phrase", "RAS"], "RAS"), (["send", "text", "1", "--phrase", "0", "more"], "1 given"),
    (["send", "text", "1", "--phrase", "32", "AA-12345"], "{time}"), (["send", "text", "1", "--phrase", "0", "--lang", "de"], "ht"),
    (["send", "text", "1", "--phrase", "32", "AA-12345", "24:00"], "23:59"),
    (["send", "text", "1", "--phrase", "32", "AAA-12345", "07:30"], "AA-12345"),
    (["send", "text", "1", "--phrase", "35", "007"], "999999"), (["send", "text", "1", "--phrase", "30", "St. Marc"], "without"),
    (["send", "text", "1", "--phrase", "30", b"\xff\xfe"], "64 bytes"),
    (["inbox", "--lang", "FR"], "FR"), (["phrases", "x" * 300], "more than any phrase"), (["send", "text", "1", b"\xff\xfe"], "UTF-8"),
    (["send", "alert", "flood", "--sectors", "NE", "--departments", "Nord"], "either"),
    (["send", "alert", "flood", "--update", "1-1", "--cancel", "1-1"], "either"),
    (["send", "alert", "flood", "--expiry-h", "0"], "744")])
def test_wrong_usage_is_told_before_any_daemon_is_asked(argv, word):
    argv = [arg.decode("utf-8", "surrogateescape") if isinstance(arg, bytes) else arg for arg in argv]
    assert_error(radioctl(*argv, socket_path="/nonexistent"), USAGE, word)


def test_text_on_standard_input_must_be_text():
    assert_error(radioctl("send", "text", "1", "-", text="x" * 5000), USAGE, "far too long")
    assert_error(radioctl("send", "text", "1", "-", text="a\0b"), USAGE, "no text")


@pytest.mark.parametrize("command", ["status", "inbox", "outbox", "peers", "log", "channel list", "show 1-1", "wait 1-1",
                                     "cost x"])
def test_without_daemon_the_exit_code_is_3(tmp_path, command):
    assert_error(radioctl(*command.split(), "--socket", tmp_path / "none.sock"), UNREACHABLE, "none.sock", "start it")


def test_a_socket_that_is_no_radiod_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    assert_error(radioctl("status", "--socket", tmp_path / "file"), UNREACHABLE, str(tmp_path / "file"))


def test_common_options_may_stand_before_the_command(lonely):
    assert json.loads(radioctl("--socket", lonely.socket, "--json", "status").stdout)["station"]["number"] == 2
    assert radioctl(f"--socket={lonely.socket}", "channel", "list").returncode == OK


def test_proxy_settings_do_not_matter(lonely):
    assert lonely.ctl("status", http_proxy="http://127.0.0.1:1", all_proxy="http://127.0.0.1:1").returncode == OK


def test_a_full_disk_under_standard_output_is_an_error():
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run([built("radiod/radioctl"), "fields"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode == REFUSED and b"disk full" in result.stderr


# -- Tables of names --------------------------------------------------------------------------------------------

def test_fields_are_listed_with_units_ranges_and_words():
    text = radioctl("fields").stdout
    assert_fits(text)
    assert "0 to 50.8 V in steps of 0.2" in text and "grid, generator" in text
    fields = json.loads(radioctl("fields", "--json").stdout)["fields"]
    assert len(fields) == 29 and {"name", "group", "type", "unit", "values"} == set(fields[0])


def test_events_are_listed_with_their_defaults():
    text = radioctl("events").stdout
    assert_fits(text)
    assert re.search(r"^flood +IMMEDIATE +Evacuate +24 h +flood / flash flood$", text, re.M)
    assert len(json.loads(radioctl("events", "--json").stdout)["events"]) == 32


# -- Network folder and settings --------------------------------------------------------------------------------

def test_phrases_are_found_by_words_of_any_language_without_accents():
    whole = radioctl("phrases", LC_ALL="ht_HT.UTF-8")
    assert whole.returncode == OK
    assert_fits(whole.stdout)
    assert re.search(r"^0 +report +Pa gen anyen pou siyale\.$", whole.stdout, re.M)
    assert len(json.loads(radioctl("phrases", "--json").stdout)["phrases"]) >= 200
    for words in (["vehicule", "ARRETEZ"], ["wanted vehicle", "rele"], ["wanted", "machin", "rele"], ["detengalo"]):
        found = json.loads(radioctl("phrases", *words, "--json", "--lang", "en").stdout)["phrases"]
        assert [(phrase["number"], phrase["slots"], list(phrase["sentences"])) for phrase in found] == [(33, ["plate"], ["en"])]
    assert_error(radioctl("phrases", "vehicule", "nobody"), NOT_FOUND, "no phrase")


@pytest.mark.parametrize("env, first", [
    ({"LC_ALL": "C"}, "Rien"), ({"LC_ALL": ""}, "Rien"), ({"LC_ALL": "", "LANG": "es_DO.UTF-8"}, "Sin"),
    ({"LC_ALL": "", "LC_MESSAGES": "ht", "LANG": "es_DO"}, "Pa"), ({"LC_ALL": "en@x", "LC_MESSAGES": "ht"}, "Nothing"),
    ({"LC_ALL": "de_DE.UTF-8", "LANG": "es_DO"}, "Rien"), ({"LC_ALL": "enx"}, "Rien")])
def test_the_language_is_that_of_the_locale_else_french(env, first):
    env = {"LC_MESSAGES": "", "LANG": "", **env}
    assert f" {first} " in radioctl("phrases", **env).stdout.splitlines()[1]
    assert " Nothing " in radioctl("phrases", "--lang", "en", **env).stdout.splitlines()[1]


def test_network_is_made_listed_and_exported(tmp_path):
    make_network(tmp_path)
    listing = radioctl("network", "list", tmp_path / "net")
    assert_fits(listing.stdout)
    assert "Belladère" in listing.stdout and "coordinator" in listing.stdout
    stations = json.loads(radioctl("network", "list", tmp_path / "net", "--json").stdout)["stations"]
    assert [station["number"] for station in stations] == [1, 2]
    assert (tmp_path / "1.key").stat().st_mode & 0o777 == 0o600


def test_network_refuses_what_is_taken_or_unknown(tmp_path):
    make_network(tmp_path)
    net = tmp_path / "net"
    assert_error(radioctl("network", "init", net), REFUSED)
    assert_error(radioctl("network", "add", net, "--name", "Belladère", "--callsign", "NEW1"), REFUSED)
    assert_error(radioctl("network", "add", net, "--name", "Malpasse"), USAGE, "--callsign")
    assert_error(radioctl("network", "add", net, "--name", "Malpasse", "--callsign", "MAL1", "--sector", "XX"), USAGE, "NE")
    assert_error(radioctl("network", "add", net, "--name", "x" * 49, "--callsign", "MAL1"), USAGE, "48")
    assert_error(radioctl("network", "export", net, "Malpasse", tmp_path / "m.key"), NOT_FOUND, "Malpasse")
    assert_error(radioctl("network", "export", net, 1, tmp_path / "1.key"), REFUSED, "1.key")
    assert radioctl("network", "export", net, "belladere", tmp_path / "1.key", "--force").returncode == OK
    assert radioctl("network", "list", tmp_path / "nowhere").returncode in (REFUSED, NOT_FOUND)


def test_config_check_tells_every_mistake(tmp_path, lonely):
    good = lonely.folder / "2.conf"
    result = radioctl("config", "check", good)
    assert result.returncode == OK and "vhf" in result.stdout
    bad = tmp_path / "bad.conf"
    bad.write_text(good.read_text().replace("air_baud = 19200", "air_baud = fast").replace("service = test", "service = x"))
    result = radioctl("config", "check", bad)
    assert result.returncode == REFUSED and "air_baud" in result.stderr and "service" in result.stderr
    assert radioctl("config", "check", tmp_path / "none.conf").returncode in (REFUSED, NOT_FOUND)


# -- With a daemon whose radio is off ---------------------------------------------------------------------------

def test_status_and_lists_fit_eighty_columns(lonely):
    send(lonely, "text", "1", "é" * 100)
    send(lonely, "text", "1", "漢字" * 30)
    for command in ("status", "peers", "channel list", "outbox", "log", "inbox"):
        assert_fits(lonely.ok(*command.split()))


def test_outbox_counts_deliveries_to_many_and_names_the_state_of_one(lonely):
    one, many = send(lonely, "text", "1", "x"), send(lonely, "text", "all", "x")
    outbox = lonely.ok("outbox", "--limit", "2")
    assert re.search(rf"^{one} .* text +queued +x$", outbox, re.M)
    assert re.search(rf"^{many} .* all +text +1 queued +x$", outbox, re.M)


def test_a_message_that_waits_says_why(lonely):
    shown = lonely.ok("show", send(lonely, "text", "PAP1", "Bonjour"))
    assert "no channel is up" in shown and "queued" in shown
    assert_fits(shown)


def test_report_goes_to_the_only_coordinator(lonely):
    message = lonely.json("send", "status", "--state", "open", "--battery", "24,1", "--needs", "water,fuel",
                          "--queue", "unknown", "--persons-in", "120", "--staff", "70")
    assert message["to"]["number"] == 1
    status = message["status"]
    assert status["fields"]["battery"] == 24.2 and status["fields"]["needs"] == ["water", "fuel"]
    assert status["fields"]["queue"] is None
    assert status["approximate"] == ["persons_in"] and status["or_more"] == ["staff"]
    shown = lonely.ok("show", message["id"])
    assert "≈120" in shown and "63+" in shown and "24.2 V" in shown and "(UTC-" in shown


def test_same_starts_from_the_last_report_without_its_remark(lonely):
    lonely.ok("send", "status", "--state", "restricted", "--restriction", "freight", "--fuel", "3", "--text", "remark")
    again = lonely.json("send", "status", "--same", "--wait", "25")
    assert again["status"]["restriction"] == ["freight"] and again["text"] == ""
    assert again["status"]["fields"]["fuel"] == 3 and again["status"]["fields"]["wait"] == 25
    opened = lonely.json("send", "status", "--same", "--state", "open")
    assert opened["status"]["restriction"] == []


def test_a_correction_names_the_report_it_replaces(lonely):
    first = send(lonely, "status", "--state", "open", "--deaths", "1")
    second = lonely.json("send", "status", "--correct", first, "--state", "open", "--deaths", "0")
    assert second["status"]["correction_of"] == first
    assert f"Corrects     {first}" in lonely.ok("show", second["id"])
    assert_error(lonely.ctl("send", "status", "--correct", "2-999999", "--state", "open"), NOT_FOUND, "2-999999")


def test_several_coordinators_must_be_told_apart(tmp_path):
    make_network(tmp_path, {1: ("Port-au-Prince", "PAP1", "coordinator"), 2: ("Belladère", "BLD1", "post"),
                            3: ("Hinche", "HIN1", "coordinator")})
    with Post(tmp_path, 2) as post:
        assert_error(post.ctl("send", "status", "--state", "open"), USAGE, "Port-au-Prince (1)", "Hinche (3)", "--to")
        assert post.json("send", "status", "--state", "open", "--to", "hin1")["to"]["number"] == 3


def test_alert_takes_cap_words_and_the_defaults_of_its_event(lonely):
    message = lonely.json("send", "alert", "flood", "--sectors", "NE,NO", "--severity", "severe", "--status", "Exercise",
                          "--expiry-h", "48", "--text", "La rivière monte")
    alert = message["alert"]
    assert alert["area"] == {"kind": "sectors", "values": ["NE", "NO"]} and alert["response"] == "Evacuate"
    assert alert["severity"] == "Severe" and alert["concerns_us"] is False
    assert "EXERCISE: flood" in lonely.ok("outbox", "--limit", "1")
    assert "Event        EXERCISE: flood" in lonely.ok("show", message["id"])


def test_an_alert_is_updated_and_cancelled_by_name(lonely):
    first = send(lonely, "alert", "border_closed", "--to", "1")
    cancel = lonely.json("send", "alert", "border_closed", "--to", "1", "--cancel", first)
    assert cancel["alert"]["msg_type"] == "Cancel" and cancel["alert"]["references"] == first
    assert_error(lonely.ctl("send", "alert", "flood", "--update", "2-999999"), NOT_FOUND, "2-999999")


@pytest.mark.parametrize("argv, code", [
    (["send", "text", "Nowhere", "x"], NOT_FOUND), (["show", "2-999999"], NOT_FOUND), (["read", "1-5"], NOT_FOUND),
    (["ack", "1-5", "--acted"], NOT_FOUND), (["cancel", "2-999999"], NOT_FOUND), (["wait", "1-5"], NOT_FOUND),
    (["send", "text", "1", "x" * 201], REFUSED), (["send", "alert", "tsunami", "--to", "all"], REFUSED),
    (["send", "text", "1", "x", "--precedence", "SOON"], REFUSED)])
def test_a_refusal_has_its_exit_code_and_one_line(lonely, argv, code):
    assert_error(lonely.ctl(*argv), code)


def test_text_comes_from_words_or_standard_input(lonely):
    assert lonely.json("send", "text", "1", "deux", "mots")["text"] == "deux mots"
    assert lonely.json("send", "text", "1", "--", "--pas une option")["text"] == "--pas une option"
    result = lonely.ctl("send", "text", "1", "-", "--json", text="première\nseconde\n")
    assert json.loads(result.stdout)["text"] == "première\nseconde"


def test_a_phrase_is_filed_as_a_text_in_the_senders_language(lonely):
    sent = lonely.json("send", "text", "1", "--phrase", "32", "AA-12345", "07:30", "--lang", "ht")
    assert sent["text"] == "Machin AA-12345 pase isit la a 07:30."
    assert sent["phrase"]["number"] == 32 and sent["phrase"]["language"] == "ht"
    assert sent["phrase"]["slots"] == [{"kind": "plate", "value": "AA-12345"}, {"kind": "time", "value": "07:30"}]
    assert sent["phrase"]["sentences"]["es"] == "El vehículo AA-12345 pasó por aquí a las 07:30."
    assert lonely.json("send", "text", "1", "--phrase", "0")["text"] == "Rien à signaler."
    assert lonely.json("send", "text", "1", "Rien", "a", "signaler.")["phrase"] is None


def test_a_phrase_is_shown_in_the_readers_language_and_as_written(lonely):
    message = send(lonely, "text", "1", "Coups de feu entendus près de Malpasse.")
    shown = lonely.ok("show", message, "--lang", "en")
    assert re.search(r"^Text +Shots heard near Malpasse\.$", shown, re.M)
    assert re.search(r"^Written +Coups de feu entendus près de Malpasse\.$", shown, re.M)
    assert "Written" not in lonely.ok("show", message)
    assert re.search(rf"^{message} .* Se oyen", lonely.ok("outbox", LC_ALL="es_DO.UTF-8"), re.M)
    assert lonely.json("show", message, "--lang", "en")["text"] == "Coups de feu entendus près de Malpasse."
    one = lonely.http("GET", f"/v1/messages/{message}?lang=ht")[2]["phrase"]
    assert one["sentences"] == {"ht": "Nou tande tire toupre Malpasse."} and one["language"] == "fr"


def test_wait_runs_out_of_time_and_sees_a_cancelled_message(lonely):
    message = send(lonely, "text", "1", "x")
    result = lonely.ctl("wait", message, "--timeout", "0")
    assert result.returncode == TIMED_OUT and "time ran out" in result.stderr
    assert "cancelled" in lonely.ok("cancel", message, "--to", "PAP1")
    assert lonely.ctl("wait", message).returncode == REFUSED
    assert_error(lonely.ctl("cancel", message), REFUSED, "nothing to cancel")


def test_json_is_the_daemons_own(lonely):
    message = send(lonely, "text", "1", "x")
    assert lonely.json("show", message) == lonely.http("GET", f"/v1/messages/{message}")[2]
    assert lonely.json("peers") == lonely.http("GET", "/v1/peers")[2]
    assert lonely.json("log", "--limit", "3") == lonely.http("GET", "/v1/log?limit=3")[2]


# -- Two posts on the air ---------------------------------------------------------------------------------------

def test_a_report_is_delivered_read_and_acted_on(network):
    post, coordinator = network.post, network.coordinator
    report = send(post, "status", "--state", "open", "--battery", "24.2", "--text", "RAS")
    assert "delivered" in post.ok("wait", report, "--timeout", ON_AIR_S)
    inbox = coordinator.ok("inbox", "--unread")
    assert_fits(inbox)
    assert re.search(rf"^\*  {report} .*Belladère .*status .*open: RAS$", inbox, re.M)
    shown = coordinator.ok("read", report, "--officer", "3")
    assert "24.2 V" in shown and "on vhf" in shown
    assert "officer 3" in post.ok("wait", report, "--for", "read", "--timeout", ON_AIR_S)
    coordinator.ok("ack", report, "--acted", "--officer", "3", "--text", "carburant envoyé")
    done = post.ok("wait", report, "--for", "acted", "--timeout", ON_AIR_S)
    assert "acted" in done and "officer 3: carburant envoyé" in done
    assert report not in coordinator.ok("inbox", "--unread")


def test_the_reader_gets_a_phrase_in_his_own_language(network):
    message = send(network.post, "text", "1", "--phrase", "36", "--lang", "ht")
    network.post.ok("wait", message, "--timeout", ON_AIR_S)
    assert re.search(rf"^\*  {message} .* Plus de carburant\.$", network.coordinator.ok("inbox"), re.M)
    read = network.coordinator.ok("read", message, "--lang", "es")
    assert "Se acabó el combustible." in read and "Nou pa gen gaz ankò." in read


def test_show_sends_no_receipt(network):
    message = send(network.post, "text", "1", "Secret ?")
    network.post.ok("wait", message, "--timeout", ON_AIR_S)
    network.coordinator.ok("show", message)
    assert network.coordinator.json("show", message)["unread"] is True


def test_without_an_id_the_gravest_unread_and_the_last_filed_are_meant(network):
    while network.post.ctl("read").returncode == 0:
        pass
    plain = send(network.coordinator, "text", "2", "pa prese")
    grave = send(network.coordinator, "alert", "fire", "--to", "2", "--text", "dife")
    network.coordinator.ok("wait", plain, "--timeout", ON_AIR_S)
    network.coordinator.ok("wait", "--timeout", ON_AIR_S)
    assert "dife" in network.coordinator.ok("show")
    assert network.post.json("read")["id"] == grave
    assert network.post.json("read")["id"] == plain
    nothing = network.post.ctl("read")
    assert nothing.returncode == NOT_FOUND and "nothing is unread" in nothing.stderr


def test_a_refusal_ends_waiting_for_acted_but_was_read(network):
    alert = send(network.coordinator, "alert", "road_blocked", "--to", "Belladere")
    network.coordinator.ok("wait", alert, "--timeout", ON_AIR_S)
    network.post.ok("ack", alert, "--refused", "--text", "pas de véhicule")
    network.coordinator.ok("wait", alert, "--for", "read", "--timeout", ON_AIR_S)
    result = network.coordinator.ctl("wait", alert, "--for", "acted", "--timeout", ON_AIR_S)
    assert result.returncode == REFUSED and "pas de véhicule" in result.stdout


def test_steps_never_go_back(network):
    alert = send(network.coordinator, "text", "2", "Faites-le")
    network.coordinator.ok("wait", alert, "--timeout", ON_AIR_S)
    network.post.ok("ack", alert, "--acted")
    network.coordinator.ok("wait", alert, "--for", "acted", "--timeout", ON_AIR_S)
    network.post.ok("read", alert)
    assert_error(network.post.ctl("ack", alert, "--refused", "--text", "Non"), REFUSED, "acted on already")
    assert network.post.json("show", alert)["local"]["step"] == "acted"


def test_an_incoming_message_cannot_be_waited_for(network):
    message = send(network.coordinator, "text", "2", "x")
    network.coordinator.ok("wait", message, "--timeout", ON_AIR_S)
    assert_error(network.post.ctl("wait", message), USAGE, message)


def test_peers_tell_who_was_heard_and_where(network):
    network.post.ok("wait", send(network.post, "text", "1", "x"), "--timeout", ON_AIR_S)
    peer = network.post.json("peers")["peers"][0]
    assert peer["number"] == 1 and peer["heard"] and peer["channel"] == "vhf"
    assert_fits(network.post.ok("peers"))


def test_log_follows_new_events(network):
    path = network.folder / "follow.txt"
    with open(path, "wb") as out:
        process = subprocess.Popen([built("radiod/radioctl"), "log", "--follow", "--limit", "1", "--socket",
                                    network.post.socket], stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: path.read_text(), "first event")
        message = send(network.post, "text", "1", "suivi")
        wait_until(lambda: message in path.read_text(), "event of the new message", ON_AIR_S)
    finally:
        stop_process(process)
