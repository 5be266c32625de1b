# SPDX-License-Identifier: GPL-3.0-or-later
"""Three checkpoints - Ouanaminthe, Belladère and the capital - report, write and warn each other.  See sim/demo."""

import itertools
import json
import os
import pathlib
import shutil
import stat
import sys
import tempfile
import time

from network_in_a_box import Box, Failure, end_by_pid, wait_until

SNR_DB = 8
DELIVERED_WITHIN_S = 600
STATIONS = [
    (1, "Ouanaminthe", "HH2OU", "post", "NE", "Nord-Est"),
    (2, "Belladère", "HH2BL", "post", "CE", "Centre"),
    (64, "Port-au-Prince", "HH2PP", "coordinator", "OU", "Ouest"),
]
DONE_STATES = ("delivered", "read", "acted")

ROUND = {
    "status": {
        1: ["--state", "open", "--battery", "24.2", "--power-source", "solar", "--staff", "7", "--staff-expected", "12",
            "--persons-in", "310", "--persons-out", "275", "--vehicles", "41", "--queue", "40", "--wait", "25"],
        2: ["--state", "restricted", "--restriction", "freight", "--power-source", "battery", "--battery", "23.4",
            "--returned", "212", "--minors", "9", "--road", "slow", "--weather", "rain"],
        64: ["--state", "open", "--power-source", "generator", "--battery", "26.0", "--fuel", "4.5", "--comms",
             "hf_data,hf_voice,internet", "--staff", "18", "--staff-expected", "20"],
    },
    "text": {
        1: "Mache binasyonal la louvri. Tout bagay kalm.",
        2: "Deux camions bloqués avant le pont, chauffeurs en règle.",
        64: "Relève de l'équipe confirmée pour demain 07h00.",
    },
    "alert": {
        1: ["flood", "--text", "Rivyè Masak la ap monte vit"],
        2: ["road_blocked", "--text", "Éboulement à 3 km du poste"],
        64: ["hurricane", "--text", "Avis cyclonique pour le Sud-Est"],
    },
}


def run_folder():
    return pathlib.Path(tempfile.gettempdir()) / f"radiod-demo-{os.getuid()}"


def send_round(posts):
    """A status report, a text and an alert in each direction.  Returns what to wait for."""
    sent = []
    for sender, recipient in itertools.permutations(posts, 2):
        arguments = {
            "status": ["status", "--to", recipient.number, *ROUND["status"][sender.number]],
            "text": ["text", str(recipient.number), ROUND["text"][sender.number]],
            "alert": ["alert", ROUND["alert"][sender.number][0], "--to", recipient.number,
                      *ROUND["alert"][sender.number][1:]],
        }
        for kind, words in arguments.items():
            sent.append({"id": sender.send(*words), "kind": kind, "from": sender.name, "to": recipient.name,
                         "sent_at": time.monotonic(), "delivered_s": None, "acknowledged_s": None,
                         "sender": sender, "recipient": recipient})
    return sent


def note_progress(sent, say):
    """Looks once at both ends.  Returns true when every message has arrived and its sender knows."""
    inboxes = {post: post.inbox() for post in {m["recipient"] for m in sent if m["delivered_s"] is None}}
    for message in sent:
        age = round(time.monotonic() - message["sent_at"], 1)
        if message["delivered_s"] is None and message["id"] in inboxes.get(message["recipient"], ()):
            message["delivered_s"] = age
        if message["acknowledged_s"] is None:
            delivery = message["sender"].deliveries(message["id"])[message["recipient"].number]
            if delivery["state"] in DONE_STATES:
                message["acknowledged_s"] = age
                say(f"  {message['kind']:6} {message['id']:>6}  {message['from']} -> {message['to']}: "
                    f"acknowledged after {age:.0f} s, attempt {delivery['attempts']}")
    return all(m["delivered_s"] is not None and m["acknowledged_s"] is not None for m in sent)


def summarize(sent, wall_s):
    shown = ("id", "kind", "from", "to", "delivered_s", "acknowledged_s")
    delivered = sum(m["delivered_s"] is not None for m in sent)
    acknowledged = sum(m["acknowledged_s"] is not None for m in sent)
    return {"ok": delivered == acknowledged == len(sent) > 0, "snr_db": SNR_DB, "sent": len(sent), "delivered": delivered,
            "acknowledged": acknowledged, "wall_s": round(wall_s, 1),
            "messages": [{key: message[key] for key in shown} for message in sent]}


def start(folder, build, say):
    box = Box(folder, build)
    try:
        box.provision(STATIONS)
        box.start_ether(SNR_DB)
        say(f"The ether is up: every post hears every other one at {SNR_DB} dB (in 3 kHz), through noise.")
        for number, name, *_ in STATIONS:
            box.add_post(number, name, {"hf": box.sound_channel(number)}).start()
            say(f"radiod of {name} is up.")
    except Exception:
        box.close(keep=True)
        raise
    return box


def exchange(box, say):
    """Sends the round and waits for its end.  Returns the summary."""
    began = time.monotonic()
    sent = send_round(box.posts)
    say(f"{len(sent)} messages filed; the channel carries a few dozen bytes a second, so this takes a minute or two.")
    try:
        wait_until(lambda: note_progress(sent, say), DELIVERED_WITHIN_S, "delivery of every message")
    except Failure as failure:
        say(f"radiod demo: {failure}")
    return summarize(sent, time.monotonic() - began)


def check(build):
    folder = tempfile.mkdtemp(prefix="radiod-check-")
    box = None
    try:
        box = start(folder, build, lambda line: print(line, flush=True))
        summary = exchange(box, lambda line: print(line, flush=True))
    finally:
        if box:
            box.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(summary, ensure_ascii=False))
    return 0 if summary["ok"] else 1


def write_wrappers(box):
    """A short command for each post: FOLDER/belladere inbox."""
    names = {1: "ouanaminthe", 2: "belladere", 64: "port-au-prince"}
    for post in box.posts:
        wrapper = box.folder / names[post.number]
        wrapper.write_text(f'#!/bin/sh\nexec "{box.radioctl}" --socket "{post.socket}" "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)


def write_pids(box):
    pids = {str(post.process.pid): "radiod" for post in box.posts}
    pids[str(box.ether.pid)] = "ether"
    (box.folder / "pids.json").write_text(json.dumps(pids))


def stop():
    pids = run_folder() / "pids.json"
    if not pids.exists():
        print("No demo is running.")
        return 0
    for pid, name in json.loads(pids.read_text()).items():
        end_by_pid(int(pid), name)
    shutil.rmtree(run_folder())
    print("The demo has ended.")
    return 0


def show_commands(folder):
    print(f"""
The network goes on running.  Each post has its own radioctl; try:

  {folder}/belladere inbox
  {folder}/belladere read ID                 shows a message, tells its sender that it was read
  {folder}/ouanaminthe send status --same    nothing changed: 14 bytes, 0.7 s of air
  {folder}/ouanaminthe send text Belladère "Bonjou"
  {folder}/port-au-prince send alert missing_child --text "Fillette 8 ans, robe jaune"
  {folder}/port-au-prince outbox             who has received, who has read
  {folder}/port-au-prince peers              how each station is heard
  {folder}/ouanaminthe log --limit 20

End it with: sim/demo --stop""")


def interactive(build):
    folder = run_folder()
    if (folder / "pids.json").exists():
        print("A demo is already running; it is ended first.")
        stop()
    shutil.rmtree(folder, ignore_errors=True)
    box = start(folder, build, print)
    write_pids(box)
    write_wrappers(box)
    summary = exchange(box, lambda line: print(line, flush=True))
    print(f"{summary['delivered']} of {summary['sent']} messages delivered in {summary['wall_s']:.0f} s.")
    show_commands(folder)
    return 0 if summary["ok"] else 1


def main():
    build, *options = sys.argv[1:]
    try:
        if options == ["--stop"]:
            return stop()
        return check(build) if options == ["--check"] else interactive(build)
    except Failure as failure:
        print(f"radiod demo: {failure}", file=sys.stderr)
        return 1


sys.exit(main())
