# SPDX-License-Identifier: GPL-3.0-or-later
"""Real posts for tests of the control API and radioctl: radiod processes, and a quick air between their TNCs.

    with Post(folder, 2) as post:              # one radiod, its only radio switched off
        post.ctl("status")
    with Network(folder) as network:           # station 1 a coordinator, station 2 a post, on one quick channel
        network.post.ctl("send", "text", "1", "Bonjour")
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess

from air import die_with_parent, stop_process, wait_until
from kiss_air import KissAir, channel_settings
from modem_tool import built

STATIONS = {1: ("Port-au-Prince", "PAP1", "coordinator"), 2: ("Belladère", "BLD1", "post")}

CONFIG = """\
[station]
key_file = {number}.key
store = {number}.db
socket = {number}.sock
{lines}
[channel vhf]
{channel}
"""


def radioctl(*argv, socket_path=None, text=None, **env):
    """Runs radioctl to its end; the result has returncode, stdout and stderr."""
    env = {**os.environ, "TZ": "America/Port-au-Prince", "LC_ALL": "C.UTF-8", **env}
    if socket_path:
        env["RADIOD_SOCKET"] = str(socket_path)
    return subprocess.run([built("radiod/radioctl"), *map(str, argv)], input=text, capture_output=True, text=True,
                          timeout=60, env=env, check=False)


def make_network(folder, stations=None):
    """Makes network folder "net" and the key file of every station; stations as in STATIONS."""
    stations = stations or STATIONS
    done = [radioctl("network", "init", folder / "net", "--name", "Test")]
    for number, (name, callsign, role) in stations.items():
        done.append(radioctl("network", "add", folder / "net", "--number", number, "--name", name, "--callsign",
                             callsign, "--role", role))
    for number in stations:
        done.append(radioctl("network", "export", folder / "net", number, folder / f"{number}.key"))
    for result in done:
        assert result.returncode == 0, result.stderr


class Post:
    """One radiod in folder, whose network make_network has made."""

    def __init__(self, folder, number, channel=None):
        self.folder, self.number = pathlib.Path(folder), number
        self.channel = channel or channel_settings(number)
        self.socket = self.folder / f"{number}.sock"
        self.log = self.folder / f"{number}.log"
        self.station_lines = []  # more settings of the section [station]
        self.process = None

    def __enter__(self):
        config = self.folder / f"{self.number}.conf"
        lines = "".join(f"{line}\n" for line in self.station_lines)
        channel = "\n".join(f"{key} = {value}" for key, value in self.channel.items())
        config.write_text(CONFIG.format(number=self.number, channel=channel, lines=lines))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([built("radiod/radiod"), "-c", config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=die_with_parent)
        try:
            wait_until(self.answers, f"radiod {self.number}")
        except BaseException:
            stop_process(self.process)
            raise
        return self

    def __exit__(self, *_):
        stop_process(self.process)
        # SIGTERM is a regular end; a sanitizer's complaint is not.
        assert self.process.returncode == 0, self.log.read_text(errors="replace")[-3000:]

    def answers(self):
        assert self.process.poll() is None, f"radiod ended:\n{self.log.read_text(errors='replace')}"
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def ctl(self, *argv, **more):
        return radioctl(*argv, socket_path=self.socket, **more)

    def ok(self, *argv, **more):
        """What the command printed; it must succeed."""
        result = self.ctl(*argv, **more)
        assert result.returncode == 0, f"{argv}: {result.returncode}: {result.stderr}"
        return result.stdout

    def json(self, *argv):
        return json.loads(self.ok("--json", *argv))

    def raw(self, data, deadline_s=20):
        """Sends bytes to the socket and returns all that comes back until the daemon closes."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(deadline_s)
            client.connect(str(self.socket))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := client.recv(65536):
                    answer += piece
            return answer

    def http(self, method, path, body=None):
        """Returns the status, the headers in lower case and the JSON of a reply; body: bytes, or what json.dumps takes."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
        answer = self.raw(b"%s %s HTTP/1.1\r\nHost: radiod\r\nConnection: close\r\n%s\r\n%s" %
                          (method.encode(), path.encode(), length, body or b""))
        head, _, rest = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), headers, json.loads(rest) if rest else None


class Network:
    """Two posts that hear each other."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        make_network(self.folder)
        with contextlib.ExitStack() as stack:
            air = stack.enter_context(KissAir())
            self.coordinator = stack.enter_context(Post(self.folder, 1, air.channel(1)))
            self.post = stack.enter_context(Post(self.folder, 2, air.channel(2)))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()
