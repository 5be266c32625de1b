# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial ports, USB unplugging, PTT lines and GPIO with real kernel drivers, in a virtual machine."""

import pathlib
import random
import socket
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import air
import kernel as kernels
from modem_tool import ModemTool, built, pass_burst
from vm import Vm

MODEM_TOOL = "tests/e2e/modem_tool"
LINE_TOOL = "tests/vm/line_tool"


@pytest.fixture(scope="session")
def kernel():
    try:
        return kernels.get_kernel()
    except kernels.Unavailable as reason:
        pytest.skip(str(reason))


class GuestModem:
    """modem_tool in the guest, with the calls of ModemTool."""

    def __init__(self, vm, device, **options):
        self.tool = vm.start_tool("modem_tool", device, *(f"{k}={v}" for k, v in options.items()))

    def send(self, data):
        self.tool.write(data.hex())

    def quit(self):
        self.tool.write("quit")
        self.tool.wait_end()

    def wait(self, name, deadline_s=30, **fields):
        wanted = f'"hex":"{fields["hex"]}"' if "hex" in fields else f'"event":"{name}"'
        return self.tool.wait_line(wanted, deadline_s)


# -- A 16550 port whose far end is a real Dire Wolf ---------------------------------------------------------------


def test_bursts_pass_through_a_16550_and_a_real_tnc(kernel):
    reason = air.missing()
    if reason:
        pytest.skip(reason)
    rng = random.Random(7)
    options = {"air": 1200, "txdelay": 300, "txtail": 100, "persist": 255, "slottime": 10}
    with air.Air("1200") as channel:
        port = ["-chardev", f"socket,id=tnc,host=127.0.0.1,port={channel.a.kiss_port}", "-serial", "chardev:tnc"]
        with Vm(kernel, programs=[built(MODEM_TOOL)], qemu=port, command=channel.a.command) as vm, \
             ModemTool(channel.b.command, channel.b.pty, callsign="HH2B", **options) as host:
            guest = GuestModem(vm, "/dev/ttyS1", baud=19200, callsign="HH2A", **options)
            guest.wait("ready", 60)
            host.wait("ready")
            for length in (1, 60, 256):
                pass_burst(guest, host, b"\x08" + rng.randbytes(length - 1))
                pass_burst(host, guest, b"\x10" + rng.randbytes(length - 1))


# -- PTT by RTS and DTR -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench(kernel):
    """A machine with a 16550 that nothing is connected to, and gpio-sim."""
    port = ["-chardev", "null,id=port", "-serial", "chardev:port"]
    programs = [built(LINE_TOOL), built(MODEM_TOOL)]
    with Vm(kernel, modules=["gpio-sim"], programs=programs, qemu=port) as vm:
        yield vm


def lines_of_port(vm):
    """The lines that ttyS1 asserts."""
    row = next(row for row in vm.shell("cat /proc/tty/driver/serial").splitlines() if row.startswith("1:"))
    return {word for word in ("RTS", "DTR") if word in row.replace("|", " ").split()}


@pytest.mark.parametrize("line, other", [("RTS", "DTR"), ("DTR", "RTS")])
def test_only_the_ptt_line_rises_and_only_while_keyed(bench, line, other):
    tool = bench.start_tool("line_tool", "ptt", f"{line.lower()}:/dev/ttyS1")
    tool.wait_line("open")
    assert lines_of_port(bench) == set()
    for _ in range(2):
        tool.write("on")
        tool.wait_line("on 0")
        assert lines_of_port(bench) == {line}
        tool.write("off")
        tool.wait_line("off 0")
        assert lines_of_port(bench) == set()
    tool.write("on")
    tool.wait_line("on 0")
    tool.write("quit")
    tool.wait_line("closed")
    assert lines_of_port(bench) == set()


def test_an_inverted_ptt_line_falls_only_while_keyed(bench):
    tool = bench.start_tool("line_tool", "ptt", "rts-:/dev/ttyS1")
    tool.wait_line("open")
    assert lines_of_port(bench) == {"RTS"}
    tool.write("on")
    tool.wait_line("on 0")
    assert lines_of_port(bench) == set()
    tool.write("quit")
    tool.wait_line("closed")
    assert lines_of_port(bench) == {"RTS"}


def test_the_kernel_releases_rts_of_a_killed_process(bench):
    tool = bench.start_tool("line_tool", "ptt", "rts:/dev/ttyS1")
    tool.wait_line("open")
    tool.write("on")
    tool.wait_line("on 0")
    assert lines_of_port(bench) == {"RTS"}
    tool.kill()
    assert lines_of_port(bench) == set()


def test_a_modem_leaves_the_lines_low(bench):
    modem = GuestModem(bench, "/dev/ttyS1", callsign="HH2A")
    modem.wait("ready")
    assert lines_of_port(bench) == set()
    modem.quit()


def test_a_port_in_use_is_refused_and_keeps_its_lines_low(bench):
    first = bench.start_tool("line_tool", "ptt", "rts:/dev/ttyS1")
    first.wait_line("open")
    second = bench.start_tool("line_tool", "ptt", "rts:/dev/ttyS1")
    assert "in use" in second.wait_line("error")
    assert lines_of_port(bench) == set()
    first.write("quit")
    first.wait_line("closed")


def test_a_port_without_hardware_is_refused(bench):
    tool = bench.start_tool("line_tool", "ptt", "rts:/dev/ttyS3")
    assert "no hardware answers" in tool.wait_line("error")


# -- USB ----------------------------------------------------------------------------------------------------------


def test_an_unplugged_usb_port_is_told_and_comes_back(kernel):
    usb = ["-device", "qemu-xhci", "-chardev", "socket,id=usb,path={folder}/usb,server=on,wait=off",
           "-device", "usb-serial,chardev=usb,id=cable"]
    modules = ["xhci_pci", "ftdi_sio"]
    data = b"\x08usb burst"
    with Vm(kernel, modules=modules, programs=[built(MODEM_TOOL)], qemu=usb) as vm, \
         socket.socket(socket.AF_UNIX) as far_end:
        far_end.settimeout(30)
        far_end.connect(str(vm.folder / "usb"))
        modem = GuestModem(vm, "/dev/ttyUSB0", callsign="HH2A", air=9600)
        for _ in range(2):
            modem.wait("ready")
            modem.send(data)
            heard = b""
            while data not in heard:
                heard += far_end.recv(4096)
            modem.wait("sent")
            vm.monitor("device_del cable")
            assert "/dev/ttyUSB0" in modem.wait("fault")
            vm.plug("usb-serial,chardev=usb,id=cable")
        modem.wait("ready")


# -- GPIO ---------------------------------------------------------------------------------------------------------

CHIP_SETUP = """\
set -e
cd /sys/kernel/config/gpio-sim
mkdir rig rig/bank
echo 8 >rig/bank/num_lines
echo rig0 >rig/bank/label
mkdir rig/bank/line0 rig/bank/line2
echo PTT >rig/bank/line0/name
echo COR >rig/bank/line2/name
echo 1 >rig/live
echo $(cat rig/bank/chip_name) /sys/devices/platform/$(cat rig/dev_name)/$(cat rig/bank/chip_name)"""


class Chip:
    def __init__(self, vm):
        self.vm = vm
        self.name, self.folder = vm.shell(CHIP_SETUP).split()

    def value(self, line):
        return int(self.vm.shell(f"cat {self.folder}/sim_gpio{line}/value"))

    def pull(self, line, *ups):
        writes = [f"echo pull-{'up' if up else 'down'} >{self.folder}/sim_gpio{line}/pull" for up in ups]
        self.vm.shell("; ".join(writes))

    def remove(self):
        folder = "/sys/kernel/config/gpio-sim/rig"
        self.vm.shell(f"[ ! -d {folder} ] || {{ echo 0 >{folder}/live; rmdir {folder}/bank/line* {folder}/bank {folder}; }}")


@pytest.fixture
def chip(bench):
    made = Chip(bench)
    yield made
    made.remove()


@pytest.mark.parametrize("line", ["0", "PTT"])
@pytest.mark.parametrize("by_label", [False, True])
@pytest.mark.parametrize("kind, released", [("gpio", 0), ("gpio-", 1)])
def test_gpio_ptt_by_number_and_name(bench, chip, line, by_label, kind, released):
    tool = bench.start_tool("line_tool", "ptt", f"{kind}:{'rig0' if by_label else chip.name}:{line}")
    tool.wait_line("open")
    assert chip.value(0) == released
    tool.write("on")
    tool.wait_line("on 0")
    assert chip.value(0) == 1 - released
    tool.write("off")
    tool.wait_line("off 0")
    assert chip.value(0) == released
    tool.write("on")
    tool.wait_line("on 0")
    tool.write("quit")
    tool.wait_line("closed")
    assert chip.value(0) == 0  # given back: gpio-sim shows its pull, which is down


def test_a_modem_with_its_own_ptt_keys_for_the_airtime(bench, chip):
    modem = GuestModem(bench, "/dev/ttyS1", callsign="HH2A", air=9600, txdelay=2000, ptt="gpio:rig0:PTT", lead=100, tail=100)
    modem.wait("ready")
    assert chip.value(0) == 0
    modem.send(b"\x08")
    air.wait_until(lambda: chip.value(0) == 1, "PTT")
    modem.wait("sent")
    assert chip.value(0) == 0
    modem.send(b"\x08")
    air.wait_until(lambda: chip.value(0) == 1, "PTT")
    modem.quit()  # in the middle of the burst
    assert chip.value(0) == 0


@pytest.mark.parametrize("spec, words", [
    ("gpio:{name}:8", "no such line"), ("gpio:{name}:NOPE", "no such line"), ("gpio:nochip:0", "no such GPIO chip")])
def test_gpio_lines_that_do_not_exist_are_refused(bench, chip, spec, words):
    tool = bench.start_tool("line_tool", "ptt", spec.format(name=chip.name))
    assert words in tool.wait_line("error")


def test_a_gpio_line_in_use_is_refused(bench, chip):
    first = bench.start_tool("line_tool", "ptt", f"gpio:{chip.name}:0")
    first.wait_line("open")
    second = bench.start_tool("line_tool", "ptt", "gpio:rig0:PTT")
    assert "the line is in use" in second.wait_line("error")
    first.write("quit")
    first.wait_line("closed")


def test_the_kernel_gives_back_the_gpio_line_of_a_killed_process(bench, chip):
    tool = bench.start_tool("line_tool", "ptt", f"gpio:{chip.name}:PTT")
    tool.wait_line("open")
    tool.write("on")
    tool.wait_line("on 0")
    assert chip.value(0) == 1
    tool.kill()
    assert chip.value(0) == 0
    again = bench.start_tool("line_tool", "ptt", f"gpio:{chip.name}:PTT")
    again.wait_line("open")
    again.write("quit")
    again.wait_line("closed")


@pytest.mark.parametrize("low", [False, True])
def test_a_bouncing_input_gives_one_change(bench, chip, low):
    tool = bench.start_tool("line_tool", "input", "rig0", "COR", "500", *(["low"] if low else []))
    tool.wait_line(f"value {int(low)}")
    for _ in range(8):
        chip.pull(2, 1, 0, 1)
    tool.wait_line(f"change {int(not low)}")
    for _ in range(8):
        chip.pull(2, 0, 1, 0)
    tool.wait_line(f"change {int(low)}")
    chip.pull(2, 1)
    tool.wait_line(f"change {int(not low)}")
    changes = [line for line in tool.lines() if line.startswith("change")]
    assert len(changes) == 3
    tool.kill()


def test_an_input_notices_that_its_chip_is_gone(bench, chip):
    tool = bench.start_tool("line_tool", "input", "rig0", "COR", "20")
    tool.wait_line("value 0")
    bench.shell("echo 0 >/sys/kernel/config/gpio-sim/rig/live")
    assert tool.wait_line("gone") == "gone -19"  # -ENODEV
