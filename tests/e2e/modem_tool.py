# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives modem_tool, a modem in a process of its own, from a test."""

import json
import os
import pathlib
import queue
import subprocess
import threading
import time

from air import stop_process

ROOT = pathlib.Path(__file__).resolve().parents[2]


def built(path):
    """The path of something the build makes.  RADIOD_BUILD names the build folder, usually build/ in the tree."""
    return pathlib.Path(os.environ.get("RADIOD_BUILD", ROOT / "build")) / path


class ModemTool:
    """with ModemTool(station.command, station.pty, callsign="HH2AA") as modem: ..."""

    def __init__(self, command, device, **options):
        self.argv = command(built("tests/e2e/modem_tool"), device, *(f"{k}={v}" for k, v in options.items()))
        self.events = queue.Queue()
        self.seen = []

    def __enter__(self):
        self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            assert self.process.wait(10) == 0, f"modem_tool exited with {self.process.returncode}"
        finally:
            stop_process(self.process)

    def read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def send(self, data, mode=0):
        self.process.stdin.write(b"%d:%s\n" % (mode, data.hex().encode()))
        self.process.stdin.flush()

    def wait(self, name, deadline_s=30, **fields):
        """Returns the next event of that name with those fields; others are passed over."""
        end = time.monotonic() + deadline_s
        while True:
            try:
                event = self.events.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"no {name} {fields} within {deadline_s} s after {self.seen[-8:]}") from None
            self.seen.append(event)
            if event["event"] == name and all(event.get(k) == v for k, v in fields.items()):
                return event


def pass_burst(sender, receiver, data, tries=3, deadline_s=30):
    """Sends data until the receiver has it: on a loaded machine sound is lost now and then.  Returns the tries used."""
    for used in range(1, tries + 1):
        sender.send(data)
        sender.wait("sent", deadline_s)
        try:
            receiver.wait("frame", deadline_s / tries, hex=data.hex())
            return used
        except TimeoutError:
            if used == tries:
                raise
