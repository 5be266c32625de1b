# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual machine with real kernel drivers, for tests of devices that this machine does not have.

    with Vm(kernel, modules=["gpio-sim"], programs=[...]) as vm:
        vm.shell("ls /dev/gpiochip*")             # output of a command in the guest, which must succeed
        tool = vm.start_tool("line_tool", "ptt", ...)  # a program that goes on running
        tool.write("on"); tool.wait_line("on 0")

QEMU in software emulation (TCG), a throw-away initramfs, one folder shared by 9p.  The guest's shell hangs on ttyS0;
ttyS1 belongs to the test.
"""

import contextlib
import gzip
import itertools
import lzma
import pathlib
import re
import shlex
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import time

from air import die_with_parent, stop_process, wait_until

BOOT_DEADLINE_S = 120
COMMAND_DEADLINE_S = 60
BASE_MODULES = ["virtio_pci", "9pnet_virtio", "9p", "configfs"]

# The shell that answers the host: one command a line, its output, then its exit status.
INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc p /proc; mount -t sysfs s /sys; mount -t devtmpfs d /dev
mkdir -p /dev/pts; mount -t devpts p /dev/pts
for f in /modules/*.ko; do insmod $f; done
mount -t configfs c /sys/kernel/config
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /share
stty -F /dev/ttyS0 -echo -onlcr
exec </dev/ttyS0 >/dev/ttyS0 2>&1
echo "@READY@"
while read -r line; do
  sh -c "$line" </dev/null 2>&1
  echo "@END $?@"
done
poweroff -f
"""


def cpio(entries):
    """A newc archive of (name, mode, bytes)."""
    out = bytearray()
    for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def libraries(program):
    """The shared libraries that a program needs, with the loader."""
    shown = subprocess.run(["ldd", program], text=True, stdout=subprocess.PIPE, check=False).stdout
    return re.findall(r"(/\S+)", shown)


def module_bytes(path):
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def initramfs(kernel, modules, programs):
    files = {"init": INIT.encode(), "bin/busybox": kernel.busybox.read_bytes()}
    for program in programs:
        files[f"bin/{pathlib.Path(program).name}"] = pathlib.Path(program).read_bytes()
        for library in libraries(program):
            files[library.lstrip("/")] = pathlib.Path(library).read_bytes()
    for number, path in enumerate(kernel.modules([*BASE_MODULES, *modules])):
        files[f"modules/{number:02}-{path.name.removesuffix('.xz')}"] = module_bytes(path)
    folders = {"proc", "sys", "dev", "tmp", "share"}
    for name in files:
        folders.update(str(parent) for parent in pathlib.PurePath(name).parents if str(parent) != ".")
    entries = [(name, stat.S_IFDIR | 0o755, b"") for name in sorted(folders)]
    entries += [(name, stat.S_IFREG | 0o755, data) for name, data in files.items()]
    return gzip.compress(cpio(entries), 1)


class GuestTool:
    """A program that runs in the guest; its output is in the shared folder, its input a FIFO in the guest."""

    def __init__(self, vm, number, argv):
        self.vm = vm
        self.name = f"{number}-{argv[0]}"
        self.out_path = vm.share / f"{self.name}.out"
        self.out_path.touch()
        self.passed = 0
        fifo = f"/tmp/{self.name}"
        command = " ".join(shlex.quote(str(arg)) for arg in argv)
        # Opened for both directions, a FIFO neither blocks nor ends.
        self.pid = int(vm.shell(f"mkfifo {fifo}; {command} 0<>{fifo} >/share/{self.out_path.name} 2>&1 & echo $!"))

    def write(self, line):
        self.vm.shell(f"echo {shlex.quote(line)} >/tmp/{self.name}")

    def lines(self):
        *whole, _ = self.out_path.read_text(errors="replace").split("\n")
        return whole

    def wait_line(self, wanted, deadline_s=COMMAND_DEADLINE_S):
        """Waits for a line that contains wanted, behind those waited for before.  Returns it."""
        def find():
            lines = self.lines()
            for number in range(self.passed, len(lines)):
                if wanted in lines[number]:
                    self.passed = number + 1
                    return lines[number]
            return None
        try:
            return wait_until(find, f"line {wanted!r}", deadline_s)
        except TimeoutError as error:
            raise TimeoutError(f"{error} in {self.lines()}") from None

    def wait_end(self):
        self.vm.shell(f"for i in $(seq 500); do kill -0 {self.pid} 2>/dev/null || exit 0; usleep 20000; done; exit 1")

    def kill(self):
        self.vm.shell(f"kill -KILL {self.pid}")
        self.wait_end()


class Vm:
    """command wraps QEMU's argv, to run it in a network namespace."""

    def __init__(self, kernel, modules=(), programs=(), qemu=(), command=lambda *argv: [str(arg) for arg in argv]):
        self.kernel = kernel
        self.modules = modules
        self.programs = programs
        self.qemu = qemu
        self.command = command
        self.output = b""
        self.arrived = threading.Condition()
        self.numbers = itertools.count(1)
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
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="radiod-vm-")))
        self.share = self.folder / "share"
        self.share.mkdir()
        (self.folder / "initrd").write_bytes(initramfs(self.kernel, self.modules, self.programs))
        qemu = self.command(
            shutil.which("qemu-system-x86_64"), "-accel", "tcg", "-machine", "q35", "-cpu", "qemu64", "-m", "512",
            "-kernel", self.kernel.image, "-initrd", self.folder / "initrd",
            "-append", "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off nokaslr",
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio",
            "-monitor", f"unix:{self.folder}/monitor,server=on,wait=off",
            "-virtfs", f"local,path={self.share},mount_tag=share,security_model=none",
            *(arg.format(folder=self.folder) for arg in self.qemu))
        self.process = subprocess.Popen(qemu, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder,
                                        preexec_fn=die_with_parent)
        self.stack.callback(stop_process, self.process)
        threading.Thread(target=self.read_output, daemon=True).start()
        self.take(rb"@READY@\r?\n", BOOT_DEADLINE_S)

    def read_output(self):
        while data := self.process.stdout.read1(4096):
            with self.arrived:
                self.output += data
                self.arrived.notify_all()

    def take(self, pattern, deadline_s):
        """Waits for pattern on the guest's serial line.  Returns what came before it, and the match."""
        end = time.monotonic() + deadline_s
        with self.arrived:
            while not (found := re.search(pattern, self.output)):
                if not self.arrived.wait(end - time.monotonic()) or self.process.poll() is not None:
                    raise TimeoutError(f"the guest gave no {pattern}: {self.output[-2000:]!r}")
            before, self.output = self.output[:found.start()], self.output[found.end():]
        return before, found

    def shell_status(self, command, deadline_s=COMMAND_DEADLINE_S):
        """Runs one line of shell in the guest.  Returns its exit status and output."""
        self.process.stdin.write(command.replace("\n", "; ").encode() + b"\n")
        self.process.stdin.flush()
        before, found = self.take(rb"@END (\d+)@\r?\n", deadline_s)
        return int(found.group(1)), before.decode(errors="replace").replace("\r", "")

    def shell(self, command, deadline_s=COMMAND_DEADLINE_S):
        status, output = self.shell_status(command, deadline_s)
        assert status == 0, f"{command!r} in the guest: status {status}: {output}"
        return output

    def start_tool(self, *argv):
        return GuestTool(self, next(self.numbers), argv)

    def monitor(self, command):
        """Gives QEMU's monitor one command.  Returns its answer."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(COMMAND_DEADLINE_S)
            monitor.connect(str(self.folder / "monitor"))
            answer = b""
            for _ in range(2):  # the greeting's prompt, then the one after the command
                while not answer.endswith(b"(qemu) "):
                    answer += monitor.recv(4096)
                if command:
                    monitor.sendall(command.encode() + b"\n")
                    command, answer = None, b""
            return answer.decode(errors="replace")

    def plug(self, device):
        """Adds a device.  One that was just removed keeps its character device a little longer: try again until then."""
        wait_until(lambda: "Error" not in self.monitor(f"device_add {device}"), f"device_add {device}")
