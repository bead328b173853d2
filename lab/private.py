# SPDX-License-Identifier: MIT
"""The private world in which a lab lives: own network, mount and process namespaces.

Everything in it vanishes with its first process, also after a kill -9, and nothing of it is ever
visible on the host. Root is not needed where the system allows user namespaces.
"""
import ctypes
import contextlib
import functools
import os
import signal
import subprocess
import sys

MARK = "/run/hop-lab"
SKIP = 77  # the exit status by which a test says "skipped"
CLONE_NEWNET = 0x40000000

# /run is hidden so that `ip netns add` keeps its names to us. The shell stays: as first process it
# buries the orphans.
PREPARE = 'mount -t tmpfs -o mode=755 hop-lab /run && : >%s && "$@"; exit $?' % MARK

# The loopback interface has the private address: it runs at once, while any other kind is told
# that it has a carrier when the kernel finds the time.
ALONE = 'ip link set lo up && ip address add 192.168.77.7/24 dev lo && exec "$@"'

_libc = ctypes.CDLL(None, use_errno=True)


class NotAllowed(Exception):
    """This system does not let us have namespaces; the text says why."""


def is_private():
    return os.path.exists(MARK) and "HOP_LAB_FRESH" not in os.environ


def command(argv):
    """The command that runs argv in a fresh private world; NotAllowed when there is none."""
    reason = ""
    for flags in ([] if os.geteuid() == 0 else ["-Ur"]), ["-Ur"]:
        prefix = ["setpriv", "--pdeathsig", "KILL", "unshare", *flags, "-nmp", "--fork",
                  "--kill-child", "--mount-proc", "sh", "-c", PREPARE, "lab"]
        probe = ["ip", "netns", "add", "probe"]
        try:
            done = subprocess.run(prefix + probe, capture_output=True, text=True, timeout=20)
        except OSError as error:
            raise NotAllowed("cannot run unshare: %s" % error) from error
        if done.returncode == 0:
            return prefix + list(argv)
        reason = (done.stderr.strip().splitlines() or ["unshare failed"])[-1]
    raise NotAllowed("no namespaces here (%s)" % reason)


@functools.cache
def _alone():
    for flags in ([] if os.geteuid() == 0 else ["-Ur"]), ["-Ur"]:
        prefix = ["unshare", *flags, "-n", "sh", "-c", ALONE, "alone"]
        with contextlib.suppress(OSError):
            if subprocess.run([*prefix, "true"], capture_output=True, timeout=20).returncode == 0:
                return prefix
    return []


def alone(argv):
    """The command that runs argv, as the same process, on a machine with a loopback interface, one
    private address, and nobody else on the network; argv itself where that is not allowed."""
    return _alone() + list(argv)


def enter():
    """Starts this very program again inside a private world, unless it is in one already.

    Call it first thing in a program that uses Lab. Where it is not allowed the program ends with
    a line that says why, and status 77.
    """
    if is_private():
        return
    os.environ.pop("HOP_LAB_FRESH", None)
    try:
        argv = command(sys.orig_argv)
    except NotAllowed as error:
        print("lab: skipped: %s" % error, file=sys.stderr)
        sys.exit(SKIP)
    sys.exit(_supervise(argv))


def _supervise(argv):
    """Waits outside. unshare itself is deaf to signals, so it is killed, and its world with it."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = subprocess.Popen(argv)
    for number in signal.SIGTERM, signal.SIGHUP:
        signal.signal(number, lambda *_: child.kill())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the inside as well
    status = child.wait()
    return status if status >= 0 else 128 - status


@contextlib.contextmanager
def inside(name):
    """This thread is in the named network namespace for a while; sockets made there stay there."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter_network("/run/netns/" + name)
        try:
            yield
        finally:
            _set_network(home)
    finally:
        os.close(home)


def _enter_network(path):
    there = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _set_network(there)
    finally:
        os.close(there)


def _set_network(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, "setns: " + os.strerror(error))
