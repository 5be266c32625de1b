# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real Dire Wolf TNCs that hear each other through a private sound server, for tests of everything above them.

    with Air("1200") as air:              # or "300 1600:1800", "9600"
        air.a.pty                         # pseudo-terminal that speaks KISS
        air.a.command("radiod", "-c", x)  # argv that runs a program where tcp:127.0.0.1:8001 is this station's TNC

Each Dire Wolf has a network namespace of its own because it binds fixed TCP ports on every address.  Needs root, and
direwolf, pulseaudio, libasound2-plugins and iproute2.  Use it from the main thread: the processes die with the thread
that started them, so that nothing stays behind even when a test run is killed.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

KISS_PORT = 8001
START_DEADLINE_S = 30
STOP_DEADLINE_S = 5

# norewinds and a volume below full: with the defaults the first frame after a start is often lost.
PULSE_SCRIPT = """\
load-module module-native-protocol-unix auth-anonymous=1 socket={folder}/native
load-module module-null-sink sink_name=air_ab rate=48000 channels=1 norewinds=1
load-module module-null-sink sink_name=air_ba rate=48000 channels=1 norewinds=1
set-sink-volume air_ab 39321
set-sink-volume air_ba 39321
"""

ALSA_CONFIG = """\
pcm_type.pulse {{ lib "libasound_module_pcm_pulse.so" }}
pcm.a_tx {{ type pulse server "unix:{folder}/native" device "air_ab" }}
pcm.a_rx {{ type pulse server "unix:{folder}/native" device "air_ba.monitor" }}
pcm.b_tx {{ type pulse server "unix:{folder}/native" device "air_ba" }}
pcm.b_rx {{ type pulse server "unix:{folder}/native" device "air_ab.monitor" }}
"""

DIREWOLF_CONFIG = """\
ADEVICE {side}_rx {side}_tx
ARATE 48000
ACHANNELS 1
CHANNEL 0
MYCALL N0CALL-{number}
MODEM {modem}
DWAIT 0
SLOTTIME 10
PERSIST 255
TXDELAY 30
TXTAIL 10
AGWPORT 8000
KISSPORT {port}
"""


def missing():
    """Returns why no air can be started here, or None."""
    if os.geteuid() != 0:
        return "root is needed for network namespaces"
    for program in ("direwolf", "pulseaudio", "ip"):
        if not shutil.which(program):
            return f"{program} is not installed"
    return None


def wait_until(is_true, what, deadline_s=START_DEADLINE_S):
    """Returns the first true value of is_true()."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        value = is_true()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {deadline_s} s")


def die_with_parent():
    """Runs in the child: the kernel ends it when its parent ends (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def stop_process(process):
    process.terminate()
    try:
        process.wait(STOP_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Namespace:
    """A network namespace with nothing but loopback."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        try:
            subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", self.name], check=False)

    def command(self, *argv):
        return ["ip", "netns", "exec", self.name, *map(str, argv)]


class Station:
    """One Dire Wolf."""

    def __init__(self, side, namespace, folder):
        self.side = side
        self.namespace = namespace
        self.netns = namespace.name
        self.kiss_port = KISS_PORT
        self.kiss_tcp = f"tcp:127.0.0.1:{KISS_PORT}"
        self.log_path = folder / f"{side}.log"
        self.config_path = folder / f"{side}.conf"
        self.process = None
        self.pty = None

    def command(self, *argv):
        """argv that runs in this station's network namespace."""
        return self.namespace.command(*argv)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"direwolf ended at its start:\n{self.log()}")
        log = self.log()
        found = re.search(r"available on (/dev/pts/\d+)", log)
        if found and "KISS TCP" in log:
            self.pty = found.group(1)
        return self.pty


class Air:
    """A channel with a TNC at each end.  modem is the rest of Dire Wolf's MODEM line."""

    def __init__(self, modem="1200"):
        self.modem = modem
        self.a = self.b = None
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def start(self):
        reason = missing()
        if reason:
            raise RuntimeError(reason)
        folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="radiod-air-")))
        self.start_sound(folder)
        token = f"{os.getpid()}-{secrets.token_hex(3)}"
        self.a = self.start_station("a", folder, token)
        self.b = self.start_station("b", folder, token)
        for station in (self.a, self.b):
            wait_until(station.is_ready, f"direwolf {station.side} (its log: {station.log()[-500:]!r})")

    def start_process(self, argv, log_path, env):
        with open(log_path, "wb") as log:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=log_path.parent,
                                       env={**os.environ, **env}, preexec_fn=die_with_parent)
        self.stack.callback(stop_process, process)
        return process

    def start_sound(self, folder):
        """Starts the sound server alone, with its ALSA devices in folder/asound.conf.  Returns its process."""
        (folder / "air.pa").write_text(PULSE_SCRIPT.format(folder=folder))
        (folder / "asound.conf").write_text(ALSA_CONFIG.format(folder=folder))
        env = {name: str(folder) for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH")}
        process = self.start_process(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", "--use-pid-file=no",
             "--realtime=no", "--high-priority=no", "-F", "air.pa"], folder / "pulse.log", env)

        def answers():
            if process.poll() is not None:
                raise RuntimeError("pulseaudio ended at its start:\n" + (folder / "pulse.log").read_text())
            with socket.socket(socket.AF_UNIX) as probe:
                return probe.connect_ex(str(folder / "native")) == 0

        wait_until(answers, "pulseaudio")
        return process

    def start_station(self, side, folder, token):
        namespace = self.stack.enter_context(Namespace(f"radiod-{token}-{side}"))
        station = Station(side, namespace, folder)
        station.config_path.write_text(DIREWOLF_CONFIG.format(
            side=side, number=1 + "ab".index(side), modem=self.modem, port=KISS_PORT))
        station.process = self.start_process(
            station.command("direwolf", "-t", "0", "-q", "d", "-c", station.config_path.name, "-p"),
            station.log_path, {"ALSA_CONFIG_PATH": str(folder / "asound.conf")})
        self.stack.callback(remove_pty_link, station)
        return station


def remove_pty_link(station):
    """Dire Wolf leaves /tmp/kisstnc behind, a link to the pseudo-terminal of whichever started last."""
    link = pathlib.Path("/tmp/kisstnc")
    if link.is_symlink() and os.readlink(link) == station.pty:
        link.unlink()
