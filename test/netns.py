"""Networks of our own to test in: namespaces of the Linux network.

A namespace is held by a descriptor of this process and is gone with it, with
all its interfaces, however the process ends. Nothing is made in the network
that the machine uses.

    netns.need(tap)                   # skips and ends where it is not allowed
    a, b = netns.Net(), netns.Net()
    netns.wire(a, "10.0.0.1/24", b, "10.0.0.2/24")
    with a:
        s = socket.socket(...)        # is in a, and so are processes begun
"""
import ctypes
import os
import shutil
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def call(function, *args):
    if function(*args) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


class Net:
    """A network with a loopback interface that is up."""

    def __init__(self):
        self.links = 0
        self.outside = os.open("/proc/self/ns/net", os.O_RDONLY)
        call(LIBC.unshare, CLONE_NEWNET)
        self.fd = os.open("/proc/self/ns/net", os.O_RDONLY)
        call(LIBC.setns, self.outside, CLONE_NEWNET)
        self.ip("link set lo up")

    def __enter__(self):
        call(LIBC.setns, self.fd, CLONE_NEWNET)
        return self

    def __exit__(self, *_):
        call(LIBC.setns, self.outside, CLONE_NEWNET)

    def ip(self, words):
        """Run ip(8) there; its output as text."""
        with self:
            r = subprocess.run(["ip", *words.split()], text=True,
                               stdin=subprocess.DEVNULL, timeout=30,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               pass_fds=[self.fd])
        if r.returncode != 0:
            raise OSError(f"ip {words}: {r.stderr}")
        return r.stdout

    def close(self):
        os.close(self.fd)
        os.close(self.outside)


def wire(a, a_addresses, b, b_addresses, mtu=1500):
    """A cable between two networks; the names of its ends. Addresses are
    separated by blanks, each with its prefix length."""
    ends = []
    for net in (a, b):
        ends.append(f"eth{net.links}")
        net.links += 1
    # Made in a; the other end is handed over by the descriptor.
    path = f"/proc/{os.getpid()}/fd/{b.fd}"
    a.ip(f"link add {ends[0]} mtu {mtu} type veth "
         f"peer name {ends[1]} mtu {mtu} netns {path}")
    for net, end, addresses in zip((a, b), ends, (a_addresses, b_addresses)):
        for address in addresses.split():
            nodad = " nodad" if ":" in address else ""
            net.ip(f"addr add {address} dev {end}{nodad}")
        net.ip(f"link set {end} up")
    for net, end in ((a, ends[0]), (b, ends[1])):
        settle(net, end)
    return ends


def settle(net, end):
    """An interface takes a moment until it has its routes of IPv6."""
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        if f"dev {end}" in net.ip("-6 route show table local type multicast"):
            return
        time.sleep(0.02)


def why_not():
    """Why there can be no namespaces here; None when there can."""
    if not sys.platform.startswith("linux"):
        return "network namespaces are of Linux"
    if shutil.which("ip") is None:
        return "no ip(8)"
    try:
        a, b = Net(), Net()
        wire(a, "10.0.0.1/24", b, "10.0.0.2/24")
        a.close()
        b.close()
    except OSError as error:
        return f"no network namespaces: {str(error).strip()}"
    return None


def need(tap):
    """Go on where namespaces are permitted, as root of a user namespace where
    that is what it takes; elsewhere skip, and end the program."""
    reason = why_not()
    if reason is None:
        return
    inner = [sys.executable, *sys.argv]
    if "FLOWD_NETNS" not in os.environ and shutil.which("unshare"):
        r = subprocess.run(["unshare", "-r", "-n", "true"], timeout=30,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if r.returncode == 0:
            os.environ["FLOWD_NETNS"] = "1"
            os.execvp("unshare", ["unshare", "-r", "-n", *inner])
    tap.skip("networks of our own", reason)
    tap.done()
