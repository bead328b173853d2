#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our client against a STUN server that is not ours: coturn, over TCP. From the punching port it
learns the mapping that the NAT really has, and with nothing but that two sides meet by hand."""
import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
import strangers  # noqa: E402
from peers import check, same  # noqa: E402

CLIENT = os.path.join(peers.BUILD, "tests", "lab", "stun_manual")
PORT = 3478


class Coturn:
    """turnserver in the lab's server, all its files in a folder of its own."""

    def __init__(self, net):
        if not shutil.which("turnserver"):
            raise peers.Skip("turnserver (coturn) is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="hop-coturn-")
        files = [word for name in ("pidfile", "userdb", "log-file")
                 for word in ("--" + name, os.path.join(self._folder.name, name))]
        self._process = net.popen(
            "server", ["turnserver", "-n", "-L", peers.SERVER, "-p", str(PORT), "--lt-cred-mech",
                       "--user", "hop:secret", "--realm", "hop.test", "--no-tls", "--no-dtls",
                       "--no-cli", "--simple-log", *files],
            stdin=peers.NULL, stdout=peers.NULL, stderr=peers.NULL)
        peers.wait_for(lambda: f":{PORT} " in net.run("server", ["ss", "-ltn"]).stdout, "coturn")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()


class Client:
    """stun_manual on one host."""

    def __init__(self, net, where, stun=f"{peers.SERVER}:{PORT}"):
        if not os.path.exists(CLIENT):
            raise peers.Skip(f"{CLIENT} is not built")
        self.lines, self.where = [], where
        self._process = net.popen(where, [CLIENT, stun, "hello from " + where],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait(self, word):
        """The rest of the first line that begins so; the earlier ones are kept."""
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(word + " "):
                return line[len(word) + 1:].rstrip("\n")
        raise AssertionError(f"{self.where}: no '{word}': {self.lines}")

    def tell(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def status(self):
        return self._process.wait(peers.HANG_S)

    def candidates(self, kind):
        return [line.split()[2] for line in self.lines if line.startswith(f"candidate {kind} ")]


def mapping(net, site):
    """What the router's own table says: (inside port, outside port) of the call to the server."""
    table = net.run(site + "-router", ["conntrack", "-L", "-p", "tcp", "--dport", str(PORT)]).stdout
    found = re.findall(r"sport=(\d+) dport=%d .*sport=%d dport=(\d+)" % (PORT, PORT), table)
    check(len(found) == 1, f"calls to the STUN server in the router's table: {table}")
    return tuple(map(int, found[0]))


def described(text):
    """The addresses of a description by type, read as docs/protocol.md says."""
    data = base64.urlsafe_b64decode(text[len("hopd2-"):] + "=" * (-len(text[len("hopd2-"):]) % 4))
    check(text.startswith("hopd2-") and data[0] == 2, f"a description: {text}")
    found, at = [], 27
    for _ in range(data[26]):
        kind, family, size = data[at], data[at + 1], 4 if data[at + 1] == 1 else 16
        raw = data[at + 5:at + 5 + size]
        ip = ".".join(map(str, raw)) if family == 1 else raw.hex()
        found.append((kind, f"{ip}:{int.from_bytes(data[at + 3:at + 5], 'big')}"))
        at += 5 + size
    same(at + 4, len(data), "size of the description")
    return found


def learns(kind):
    with peers.Lab(a=kind) as net, Coturn(net):
        client = Client(net, "a")
        lines = described(client.wait("description"))
        inside, outside = mapping(net, "a")
        address = f"{net.public('a')}:{outside}"
        same(client.candidates("srflx"), [address], "the mapping that coturn told")
        same(client.candidates("host"), [f"{net.address('a')}:{inside}"], "the host candidate")
        check((2, address) in lines and (1, f"{net.address('a')}:{inside}") in lines,
              f"{address} in the description: {lines}")


def meet_by_hand(one, other):
    with peers.Lab(a=one, b=other) as net, Coturn(net):
        pair = [Client(net, where) for where in "ab"]
        texts = [client.wait("description") for client in pair]
        for client, text in zip(pair, reversed(texts)):
            client.tell(text)
        for client, other_side in zip(pair, "ba"):
            route, *_ = client.wait("established").split()
            same(route, "punched", f"route of {client.where}")
            same(client.wait("heard"), "hello from " + other_side, "the peer's word")
            same(client.status(), 0, "status")


def not_there():
    """A STUN server that refuses or is silent costs a moment and a candidate, no more."""
    with peers.Lab(a="eim-drop") as net:
        for stun in f"{peers.SERVER}:{PORT}", "203.0.113.77", "[2001:db8:5e::1]:3478":
            client = Client(net, "a", stun)
            same([kind for kind, _ in described(client.wait("description"))], [1], "candidates")
            same(client.candidates("srflx"), [], "mappings")


def liar():
    """One that answers with noise, or hangs up."""
    with peers.Lab(a="eim-drop") as net:
        for answer in (lambda one: one.sendall(os.urandom(500)), lambda one: one.close(),
                       lambda one: one.sendall(bytes(20))):
            with strangers.Server(net, answer=answer):
                client = Client(net, "a")
                same([kind for kind, _ in described(client.wait("description"))], [1], "candidates")


CASES = [(f"learns its mapping: {kind}", lambda kind=kind: learns(kind))
         for kind in ("preserving-drop", "eim-drop", "eim-rst")]
CASES += [(f"by hand: {one} x {other}", lambda one=one, other=other: meet_by_hand(one, other))
          for one, other in (("eim-drop", "eim-rst"), ("preserving-rst", "fullcone"))]
CASES += [("no STUN server", not_there), ("a STUN server that lies", liar)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 3))
