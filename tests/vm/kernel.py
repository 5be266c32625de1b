# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian kernel for the virtual machine tests, with gpio-sim, which no Debian kernel ships.

The packages are downloaded with apt and unpacked, not installed, into ${RADIOD_CACHE:-~/.cache/radiod-tests}; the first
run takes half a minute and 230 MB of downloads, later ones nothing until Debian has a newer kernel.
"""

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile

NEEDED = ("qemu-system-x86_64", "modprobe", "depmod", "make", "gcc", "xz", "apt-get", "dpkg-deb")
IRQ_SIM_CHANGES = (("irq_to_desc(irqnum)", "irq_data_to_desc(irq_get_irq_data(irqnum))"),
                   ("#include <linux/irq.h>", "#include <linux/irq.h>\n#include <linux/irqdesc.h>"))
KBUILD = "obj-m := gpio-sim.o\ngpio-sim-y := gpio-sim-main.o irq_sim.o\n"


class Unavailable(Exception):
    """Why no virtual machine can run here."""


class Kernel:
    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "root"
        self.version = (folder / "version").read_text()
        self.image = self.root / "boot" / f"vmlinuz-{self.version}"
        self.busybox = next(folder.glob("busybox/**/bin/busybox"))

    def modules(self, names):
        """The files of these modules and of all they need, in the order of loading."""
        files = []
        for name in names:
            shown = run("modprobe", "-d", self.root, "-S", self.version, "--show-depends", name)
            files += [pathlib.Path(line.split()[1]) for line in shown.splitlines() if line.startswith("insmod")]
        return list(dict.fromkeys(files))


def run(*argv, **kwargs):
    return subprocess.run([str(arg) for arg in argv], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **kwargs).stdout


def depends(package):
    return re.findall(r"Depends: (\S+)", run("apt-cache", "depends", package))


def package_version(package):
    return re.search(r"^Version: (\S+)", run("apt-cache", "show", "--no-all-versions", package), re.M).group(1)


def find_packages():
    """Returns the kernel's name (6.1.0-56-amd64) and the packages to download."""
    image = next((name for name in depends("linux-image-amd64") if name.startswith("linux-image-")), None)
    if not image:
        raise Unavailable("apt knows no linux-image-amd64 (apt-get update?)")
    name = image.removeprefix("linux-image-")
    headers = f"linux-headers-{name}"
    needed = [dep for dep in depends(headers) if dep.startswith(("linux-headers-", "linux-kbuild-"))]
    source = "linux-source-" + ".".join(name.split(".")[:2])
    return name, [image, headers, *needed, source, "busybox-static"]


def unpack(deb, folder):
    run("dpkg-deb", "-x", deb, folder)


def unpack_source(deb, folder):
    """Takes the three files out of the kernel source package."""
    wanted = {"drivers/gpio/gpiolib.h": "gpiolib.h", "drivers/gpio/gpio-sim.c": "gpio-sim-main.c",
              "kernel/irq/irq_sim.c": "irq_sim.c"}
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        unpack(deb, scratch)
        tarball = next(pathlib.Path(scratch).glob("usr/src/linux-source-*.tar.xz"))
        with tarfile.open(tarball) as tar:
            for member in tar:
                name = member.name.partition("/")[2]
                if name in wanted:
                    (folder / wanted.pop(name)).write_bytes(tar.extractfile(member).read())
                if not wanted:
                    return
    raise Unavailable(f"the kernel source package lacks {sorted(wanted)}")


def build_gpio_sim(folder, name, headers):
    common = next(path for path in headers.glob("usr/src/linux-headers-*-common"))
    (headers / f"usr/src/linux-headers-{name}/Makefile").write_text(f"include {common}/Makefile\n")
    source = folder / "irq_sim.c"
    text = source.read_text()
    for old, new in IRQ_SIM_CHANGES:
        text = text.replace(old, new)
    source.write_text(text)
    (folder / "Kbuild").write_text(KBUILD)
    # Without type information for BPF, which would need pahole.
    run("make", "-C", headers / f"usr/src/linux-headers-{name}", f"M={folder}", "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules")


def prepare(folder, name, packages):
    debs, headers, module = folder / "debs", folder / "headers", folder / "gpio-sim"
    for new in (debs, module):
        new.mkdir(parents=True)
    run("apt-get", "-o", "APT::Sandbox::User=root", "download", *packages, cwd=debs)
    for deb in debs.glob("*.deb"):
        package = deb.name.split("_")[0]
        if package.startswith("linux-image-"):
            unpack(deb, folder / "root")
        elif package == "busybox-static":
            unpack(deb, folder / "busybox")
        elif package.startswith("linux-source-"):
            unpack_source(deb, module)
        else:
            unpack(deb, headers)
    if not (folder / "root/lib").exists():  # Debian 13 has the modules below /usr, modprobe looks below /
        (folder / "root/lib").symlink_to("usr/lib")
    build_gpio_sim(module, name, headers)
    extra = folder / f"root/lib/modules/{name}/extra"
    extra.mkdir()
    shutil.copy(module / "gpio-sim.ko", extra)
    run("depmod", "-b", folder / "root", name)
    (folder / "version").write_text(name)
    for done in (debs, headers):
        shutil.rmtree(done)


def get_kernel():
    """Returns a Kernel, or raises Unavailable."""
    lacking = [program for program in NEEDED if not shutil.which(program)]
    if lacking:
        raise Unavailable("not installed: " + " ".join(lacking))
    cache = pathlib.Path(os.environ.get("RADIOD_CACHE", pathlib.Path.home() / ".cache" / "radiod-tests"))
    cache.mkdir(parents=True, exist_ok=True)
    try:
        name, packages = find_packages()
        folder = cache / f"kernel-{name}-{package_version(packages[0])}".replace(":", "_")
        with open(cache / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                with tempfile.TemporaryDirectory(dir=cache, prefix="new-") as new:
                    prepare(pathlib.Path(new) / "k", name, packages)
                    os.rename(pathlib.Path(new) / "k", folder)
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{' '.join(error.cmd[:4])}...: {error.stdout[-400:]}") from error
    return Kernel(folder)
