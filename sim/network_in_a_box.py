# SPDX-License-Identifier: GPL-3.0-or-later
"""Real daemons and a real ether in one folder: for the demo and for the end-to-end tests."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

READY_WITHIN_S = 30
# Between two looks: soon at first, then seldom, because each often starts a process.
LOOK_MIN_S, LOOK_MAX_S = 0.05, 0.5
APART_DB = 60  # two stations so far apart do not hear each other at all


class Failure(Exception):
    """Something did not come up, or radioctl refused."""


def wait_until(condition, within_s, what):
    """Polls condition until it returns something true, and returns that."""
    end, pause_s = time.monotonic() + within_s, LOOK_MIN_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {within_s} s")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, LOOK_MAX_S)


def stop_process(process, within_s=10):
    """Ends a process that we started, and waits for its end.  Returns its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


class Post:
    """One radiod with its settings, store and socket."""

    def __init__(self, box, number, name, channels, station_lines=()):
        self.box, self.number, self.name = box, number, name
        self.folder = box.folder / f"p{number}"
        self.folder.mkdir(exist_ok=True)
        self.socket = self.folder / "s"
        self.config = self.folder / "radiod.conf"
        self.log = self.folder / "log"
        self.command = []  # prefix, for example "ip netns exec NAME"
        self.process = None
        self.write_config(channels, station_lines)

    def write_config(self, channels, station_lines=()):
        lines = ["[station]", "key_file = station.key", "store = radiod.db", f"socket = {self.socket}", *station_lines]
        for name, settings in channels.items():
            lines += ["", f"[channel {name}]", *(f"{key} = {value}" for key, value in settings.items())]
        self.config.write_text("\n".join(lines) + "\n")

    def start(self, wait=True):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*self.command, str(self.box.radiod), "-c", str(self.config)], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        def answers():
            if self.process.poll() is not None:
                raise Failure(f"radiod of {self.name} ended: {self.log.read_text()[-600:]}")
            done = self.run("status", "--json", check=False)
            return done.returncode == 0 and all(c["up"] for c in json.loads(done.stdout)["channels"])

        wait_until(answers, READY_WITHIN_S, f"radiod of {self.name} with its channels up")

    def stop(self):
        return stop_process(self.process) if self.process else 0

    def kill(self):
        """Power cut as the process sees it."""
        self.process.kill()
        self.process.wait()

    def run(self, *arguments, check=True):
        """radioctl on this post."""
        done = subprocess.run([str(self.box.radioctl), "--socket", str(self.socket), *map(str, arguments)],
                              capture_output=True, text=True, timeout=60, check=False)
        if check and done.returncode:
            raise Failure(f"{self.name}: radioctl {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done

    def ask(self, *arguments):
        """radioctl's answer as JSON."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def send(self, *arguments):
        """Files a message and returns its id."""
        return self.ask("send", *arguments)["id"]

    def deliveries(self, message_id):
        return {d["to"]["number"]: d for d in self.ask("show", message_id)["deliveries"]}

    def inbox(self):
        return {m["id"]: m for m in self.ask("inbox", "--limit", 200)["messages"]}


class Box:
    """A folder with a network of posts in it."""

    def __init__(self, folder, build):
        self.folder, self.build = pathlib.Path(folder), pathlib.Path(build)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.radiod = self.build / "radiod" / "radiod"
        self.radioctl = self.build / "radiod" / "radioctl"
        self.ether_socket = self.folder / "ether"
        self.ether = None
        self.posts = []

    def provision(self, stations):
        """Makes the network and a key file for every station: (number, name, callsign, role, sector, department)."""
        network = self.folder / "network"
        self.tool("network", "init", network, "--name", "Box")
        for number, name, callsign, role, sector, department in stations:
            self.tool("network", "add", network, "--number", number, "--name", name, "--callsign", callsign, "--role",
                      role, "--sector", sector, "--department", department)
        for number, *_ in stations:
            self.export(number)

    def export(self, number):
        """Writes a station's key file, anew if there is one."""
        (self.folder / f"p{number}").mkdir(exist_ok=True)
        self.tool("network", "export", self.folder / "network", number, self.folder / f"p{number}" / "station.key",
                  "--force")

    def tool(self, *arguments):
        done = subprocess.run([str(self.radioctl), *map(str, arguments)], capture_output=True, text=True, check=False,
                              timeout=60)
        if done.returncode:
            raise Failure(f"radioctl {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def ask_tool(self, *arguments):
        """The answer of a radioctl command that needs no daemon, as JSON."""
        return json.loads(self.tool(*arguments, "--json"))

    def start_ether(self, snr_db=None, *options, apart=()):
        """apart: pairs of station numbers that do not hear each other."""
        command = [str(self.build / "sim" / "ether"), "--socket", str(self.ether_socket), "--log",
                   str(self.folder / "ether.jsonl"), *map(str, options)]
        if snr_db is not None:
            command += ["--snr", str(snr_db)]
        for one, other in apart:
            command += ["--att", f"p{one}:p{other}:{APART_DB}"]
        with (self.folder / "ether.log").open("ab") as log:
            self.ether = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                          start_new_session=True)
        wait_until(self.ether_socket.exists, READY_WITHIN_S, "the ether")

    def sound_channel(self, number, **settings):
        """Settings of a soft modem channel in this box's ether."""
        return {"modem": "freedv", "service": "test", "audio": f"ether:{self.ether_socket}:p{number}", "level": 50,
                **settings}

    def add_post(self, number, name, channels, station_lines=()):
        post = Post(self, number, name, channels, station_lines)
        self.posts.append(post)
        return post

    def close(self, keep=False):
        for post in self.posts:
            post.stop()
        if self.ether:
            stop_process(self.ether)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def end_by_pid(pid, name):
    """Ends a process of an earlier run, if that pid still is one."""
    try:
        if name not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace"):
            return
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 15, f"end of process {pid}")
    except (FileNotFoundError, ProcessLookupError):
        pass
