# SPDX-License-Identifier: MIT
"""Real sockets on the hosts of a lab, and what they find out: who sees which address, what a
stranger meets, whether two SYNs that cross make a connection.
"""
import contextlib
import errno
import selectors
import socket
import struct
import threading
import time

TCP_PORTS = (3478, 3479)
PATIENCE = 0.6  # below the first SYN retransmit, so that each probe is one SYN


class Probes:
    """Opens sockets on one lab's hosts, and closes them all at the end."""

    def __init__(self, net):
        self.net = net
        self._open = contextlib.ExitStack()

    def __enter__(self):
        self.seer = Seer(self)
        return self

    def __exit__(self, *_):
        self.seer.stop()
        self._open.close()

    def tcp(self, where, port=0, address="", version=4):
        """Bound as a puncher binds: the port can be shared."""
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        one = self._open.enter_context(self.net.socket(where, family))
        for option in socket.SO_REUSEADDR, socket.SO_REUSEPORT:
            one.setsockopt(socket.SOL_SOCKET, option, 1)
        if version == 6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((address, port))
        one.setblocking(False)
        return one

    def udp(self, where, port=0):
        one = self._open.enter_context(self.net.socket(where, type=socket.SOCK_DGRAM))
        one.bind(("", port))
        return one

    def listen(self, where, port, address="", version=4):
        one = self.tcp(where, port, address, version)
        one.listen(512)
        one.settimeout(3)
        return one

    def dial(self, where, target, port=0, address="", ttl=0):
        """Begins to connect."""
        version = 6 if ":" in target[0] else 4
        one = self.tcp(where, port, address, version)
        if ttl and version == 4:
            one.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        elif ttl:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
        one.connect_ex(target)
        return one

    def observe_many(self, where, count):
        """The ports as the server sees them, of that many connections from new ports at once."""
        dials = [self.dial(where, (self.net.address("server"), TCP_PORTS[0])) for _ in range(count)]
        results(dials, 3)
        return [int(read_line(one).rpartition(" ")[2]) for one in dials]

    def observe(self, where, port, server=1, server_port=TCP_PORTS[0], version=4):
        """(address, port) as the server sees them. The connection stays open."""
        one = self.dial(where, (self.net.address("server", version, server), server_port), port)
        if result(one) != "open":
            return None
        line = read_line(one)
        address, _, seen = line.rpartition(" ")
        return address, int(seen)


class Seer:
    """Listens on both server addresses and two ports; tells each client what it sees; echoes."""

    def __init__(self, probes):
        self._selector = selectors.DefaultSelector()
        self._stop = False
        net = probes.net
        for version in 4, 6:
            for number in 1, 2:
                for port in TCP_PORTS:
                    one = probes.listen("server", port, net.address("server", version, number),
                                        version)
                    self._selector.register(one, selectors.EVENT_READ, "listener")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop:
            for key, _ in self._selector.select(0.1):
                if key.data == "listener":
                    self._accept(key.fileobj)
                else:
                    self._echo(key.fileobj)

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            one, peer = listener.accept()
            one.sendall(b"%s %d\n" % (peer[0].encode(), peer[1]))
            one.settimeout(5)
            self._selector.register(one, selectors.EVENT_READ, "client")

    def _echo(self, one):
        try:
            data = one.recv(65536)
            if data:
                one.sendall(data)
                return
        except OSError:
            pass
        self._selector.unregister(one)
        one.close()

    def stop(self):
        self._stop = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()


def result(one, patience=PATIENCE):
    """What became of a dial: open, rst, drop (nothing came), or unreachable."""
    return results([one], patience)[0]


def results(dials, patience=PATIENCE):
    """The same for several at once: all get the same time."""
    names = {0: "open", errno.ECONNREFUSED: "rst", errno.EHOSTUNREACH: "unreachable",
             errno.ENETUNREACH: "no route"}
    found = {}
    with selectors.DefaultSelector() as waiting:
        for one in dials:
            waiting.register(one, selectors.EVENT_WRITE)
        end = time.monotonic() + patience
        while waiting.get_map() and time.monotonic() < end:
            for key, _ in waiting.select(max(0.0, end - time.monotonic())):
                error = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error == 0 and not has_peer(key.fileobj):
                    error = errno.ENETUNREACH  # the dial did not even begin
                found[key.fileobj] = names.get(error, errno.errorcode.get(error, "?"))
                waiting.unregister(key.fileobj)
    return [found.get(one, "drop") for one in dials]


def has_peer(one):
    try:
        one.getpeername()
        return True
    except OSError:
        return False


def reached(net, where, port, remote_port):
    """True when a SYN from that remote port has got to the listener on that host. (A connection
    need not come of it: Linux NATs drop the listener's SYN-ACK as invalid when our own earlier SYN
    had another sequence number.)"""
    for line in net.run(where, ["cat", "/proc/net/tcp"]).stdout.splitlines()[1:]:
        _, local, remote, state = line.split()[:4]
        ends = [int(end.rpartition(":")[2], 16) for end in (local, remote)]
        if ends == [port, remote_port] and state in ("01", "03"):
            return True
    return False


def abort(one):
    """Closes without a FIN; in SYN_SENT nothing is sent at all."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


def read_line(one):
    one.settimeout(5)
    text = b""
    while not text.endswith(b"\n"):
        more = one.recv(1)
        if not more:
            break
        text += more
    return text.decode().strip()


def echoes(one, data):
    """True when the other side gives back exactly what it is sent."""
    one.settimeout(10)
    sender = threading.Thread(target=one.sendall, args=(data,))
    sender.start()
    got = bytearray()
    while len(got) < len(data):
        more = one.recv(65536)
        if not more:
            break
        got += more
    sender.join()
    return bytes(got) == data


def talk(one, other):
    """True when these two are the two ends of one connection and bytes pass both ways."""
    for a, b in (one, other), (other, one):
        a.settimeout(2)
        b.settimeout(2)
        try:
            a.sendall(b"hello")
            if b.recv(5) != b"hello":
                return False
        except OSError:
            return False
    return True
