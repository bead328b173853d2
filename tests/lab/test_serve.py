#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hopconn serve` over loopback, spoken to by a second implementation of the protocol (below, on
docs/protocol.md's terms) and by a public STUN client (coturn's)."""
import contextlib
import ctypes
import ctypes.util
import json
import os
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

SOURCE = os.environ.get("HOP_SOURCE", os.path.join(os.path.dirname(__file__), "../.."))
PROGRAM = os.environ.get("HOP_PROGRAM", os.path.join(SOURCE, "build/hopconn"))
PLAIN_PROGRAM = os.environ.get("HOP_PLAIN_PROGRAM", os.path.join(SOURCE, "build/hopconn"))
COOKIE = 0x2112A442
BINDING, REGISTER, KNOCK, START = 0x001, 0x0F1, 0x0F2, 0x0F3
ROOM, TIME, DESCRIPTION, NONCES, ROLE, DELAY, RTT, PEER, SIGNATURE = range(0x7E01, 0x7E0A)
ERROR_CODE, XOR_MAPPED, OTHER_ADDRESS = 0x0009, 0x0020, 0x802C
LIMIT_S = 20  # for anything that is expected to happen; not a measure of speed


class Skip(Exception):
    """The reason why a case can't be run here."""


# The protocol.

def message_type(kind, method):
    """RFC 8489 section 5: the class' two bits stand inside the method's."""
    return (method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF | (kind & 2) << 7 | \
        (kind & 1) << 4


def attribute(number, value):
    return struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)


def request(method, attributes=b"", kind=0, transaction=None, later=0):
    """later: bytes that the length counts already."""
    transaction = transaction or os.urandom(12)
    return struct.pack("!HHI", message_type(kind, method), len(attributes) + later, COOKIE) + \
        transaction + attributes


class Key:
    """An Ed25519 key of libcrypto."""
    lib = None

    def __init__(self):
        if Key.lib is None:
            Key.lib = ctypes.CDLL(ctypes.util.find_library("crypto"))
            for name in ("EVP_PKEY_new_raw_private_key", "EVP_MD_CTX_new"):
                getattr(Key.lib, name).restype = ctypes.c_void_p
        self.key = ctypes.c_void_p(Key.lib.EVP_PKEY_new_raw_private_key(
            1087, None, os.urandom(32), ctypes.c_size_t(32)))  # NID_ED25519
        room = ctypes.create_string_buffer(32)
        assert Key.lib.EVP_PKEY_get_raw_public_key(
            self.key, room, ctypes.byref(ctypes.c_size_t(32))) == 1
        self.room = room.raw

    def sign(self, data):
        context = ctypes.c_void_p(Key.lib.EVP_MD_CTX_new())
        signature = ctypes.create_string_buffer(64)
        assert Key.lib.EVP_DigestSignInit(context, None, None, None, self.key) == 1
        assert Key.lib.EVP_DigestSign(context, signature, ctypes.byref(ctypes.c_size_t(64)), data,
                                      ctypes.c_size_t(len(data))) == 1
        Key.lib.EVP_MD_CTX_free(context)
        return signature.raw


def signed(method, key, description, nonces=(), off_ms=0):
    attributes = attribute(ROOM, key.room)
    attributes += attribute(TIME, struct.pack("!Q", int(time.time() * 1000) + off_ms))
    attributes += attribute(DESCRIPTION, description)
    if nonces:
        attributes += attribute(NONCES, b"".join(nonces))
    body = request(method, attributes, later=68)
    return body + attribute(SIGNATURE, key.sign(body))


def nonces_of(count):
    return [os.urandom(16) for _ in range(count)]


def address_of(value, xor):
    family, port = struct.unpack("!xBH", value[:4])
    mask = struct.pack("!I", COOKIE) if xor else bytes(4)
    if family == 1:
        return socket.inet_ntop(socket.AF_INET, bytes(a ^ b for a, b in zip(value[4:8], mask))), \
            port ^ (COOKIE >> 16 if xor else 0)
    raise AssertionError(f"family {family}")  # the cases here ask for IPv4's only


class Message:
    def __init__(self, data):
        number, length, cookie = struct.unpack("!HHI", data[:8])
        assert cookie == COOKIE and len(data) == 20 + length
        self.kind = number >> 7 & 2 | number >> 4 & 1
        self.method = number >> 2 & 0xF80 | number >> 1 & 0x70 | number & 0xF
        self.transaction = data[8:20]
        self.attributes = {}
        at = 20
        while at < len(data):
            number, size = struct.unpack("!HH", data[at:at + 4])
            self.attributes[number] = data[at + 4:at + 4 + size]
            at += 4 + size + -size % 4

    def number(self, attribute_number):
        return struct.unpack("!I", self.attributes[attribute_number])[0]

    def mapped(self):
        return address_of(self.attributes[XOR_MAPPED], True)

    def code(self):
        assert self.kind == 3, f"kind {self.kind} is no refusal"
        high, low = self.attributes[ERROR_CODE][2:4]
        return 100 * high + low


class Client:
    def __init__(self, port, host="127.0.0.1", buffer_size=None):
        self.socket = socket.socket()
        if buffer_size:  # before the connection is made: a window must not shrink afterwards
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_size)
        self.socket.settimeout(LIMIT_S)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def take(self):
        """The next message out of what has come; None: none is whole yet."""
        if len(self.bytes) < 20:
            return None
        size = 20 + struct.unpack("!H", self.bytes[2:4])[0]
        if len(self.bytes) < size:
            return None
        data, self.bytes = self.bytes[:size], self.bytes[size:]
        return Message(data)

    def receive(self):
        """The next message; None: the server has closed."""
        while True:
            message = self.take()
            if message:
                return message
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.bytes += data

    def ask(self, data):
        self.send(data)
        answer = self.receive()
        assert answer, "closed instead of answered"
        assert answer.transaction == data[8:20]
        return answer

    def bind(self):
        return self.ask(request(BINDING))


# The server's process.

class Server:
    def __init__(self, *listens, program=PROGRAM, files=None):
        self.command = [program, "serve", "--json"]
        for listen in listens or ("127.0.0.1:0",):
            self.command += ["--listen", listen]
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files \
            else None
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        preexec_fn=limit)
        self.events = []
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        try:
            self.addresses = self.expect("ready")["addresses"]
        except BaseException:
            self.process.kill()
            raise
        self.ports = [int(address.rpartition(":")[2]) for address in self.addresses]
        self.port = self.ports[0]

    def read(self):
        for line in self.process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "no JSON", "text": line}
            with self.changed:
                self.events.append(event)
                self.changed.notify_all()

    def expect(self, name, count=1):
        """The count-th event of that name."""
        def there():
            return [event for event in self.events if event["event"] == name][count - 1:]
        with self.changed:
            assert self.changed.wait_for(there, LIMIT_S), f"no {name} in {self.events}"
            return there()[0]

    def end(self, number=signal.SIGTERM):
        """Its exit status and what it had to say."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=LIMIT_S)
        self.reader.join(timeout=LIMIT_S)
        assert self.process.stdout.read() == b"", "something on stdout"
        assert not [event for event in self.events if event["event"] == "no JSON"], self.events
        return status

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.process.kill()
            self.process.wait()
        elif self.process.poll() is None:
            status = self.end()
            assert status == 0, f"exit status {status}"
        self.process.stdout.close()
        self.process.stderr.close()

    def memory(self):
        """Resident bytes that are the process' own."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return 1024 * int(re.search(r"RssAnon:\s+(\d+)", status.read()).group(1))


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_S,
                          check=False)


# What turns coturn's datagrams into our stream: on TCP a STUN message looks the same (RFC 8489
# section 6.2.2), so each is passed on as it is.

class Bridge:
    def __init__(self, ip, port, target):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((ip, port))
        self.port = self.udp.getsockname()[1]
        self.target = target
        self.mapped = []  # our local addresses, as seen by the server
        self.stop_pipe = os.pipe()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while self.stop_pipe[0] not in select.select([self.udp, self.stop_pipe[0]], [], [])[0]:
            data, sender = self.udp.recvfrom(2048)
            with socket.create_connection(self.target, timeout=LIMIT_S) as tcp:
                self.mapped.append(tcp.getsockname())
                tcp.sendall(data)
                self.udp.sendto(tcp.recv(2048), sender)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.write(self.stop_pipe[1], b"x")
        self.thread.join(timeout=LIMIT_S)
        self.udp.close()
        for end in self.stop_pipe:
            os.close(end)


def coturn(tool, *arguments):
    if not shutil.which(tool):
        raise Skip(f"{tool} (package coturn) is not installed")
    result = subprocess.run([tool, *arguments], stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S,
                            check=False)
    return result.stdout


# The cases.

def tells_its_addresses():
    with Server("127.0.0.1:0", "127.0.0.2:0") as server:
        assert [address.rpartition(":")[0] for address in server.addresses] == \
            ["127.0.0.1", "127.0.0.2"], server.addresses
        assert all(server.ports), server.ports
        for host, port in zip(("127.0.0.1", "127.0.0.2"), server.ports):
            with Client(port, host) as client:
                assert client.bind().mapped() == client.socket.getsockname()


def tells_a_mapping():
    with Server() as server, Client(server.port) as client:
        answer = client.bind()
        assert (answer.kind, answer.method) == (2, BINDING)
        assert answer.mapped() == client.socket.getsockname()
        assert OTHER_ADDRESS not in answer.attributes
        assert client.bind().mapped() == client.socket.getsockname()


def unmaps_ipv4_on_a_dual_stack_socket():
    try:
        socket.socket(socket.AF_INET6).close()
    except OSError as error:
        raise Skip(f"no IPv6 here: {error}") from None
    with Server("[::]:0") as server, Client(server.port) as client:
        assert client.bind().mapped() == client.socket.getsockname()


def tells_another_address_for_mapping_tests():
    with Server("127.0.0.1:0", "127.0.0.1:0", "127.0.0.2:0") as server:
        with Client(server.port) as client:
            other = address_of(client.bind().attributes[OTHER_ADDRESS], False)
            assert other == ("127.0.0.2", server.ports[2]), other  # both IP and port differ
        with Client(other[1], other[0]) as client:
            assert OTHER_ADDRESS not in client.bind().attributes
    with Server("0.0.0.0:0", "0.0.0.0:0") as server, Client(server.port, "127.0.0.3") as client:
        other = address_of(client.bind().attributes[OTHER_ADDRESS], False)
        assert other == ("127.0.0.3", server.ports[1]), other  # the address that was called


def coturns_client_learns_its_mapping():
    with Server() as server, Bridge("127.0.0.1", 0, ("127.0.0.1", server.port)) as bridge:
        said = coturn("turnutils_stunclient", "-p", str(bridge.port), "127.0.0.1")
        found = re.search(r"UDP reflexive addr: ([\d.]+):(\d+)", said)
        assert found, said
        assert (found.group(1), int(found.group(2))) == bridge.mapped[0], (said, bridge.mapped)


def coturns_mapping_test_finds_the_other_address():
    """It asks at the address that OTHER-ADDRESS names, with both ports, so the bridges must have
    the same ports on UDP as the server has on TCP."""
    with Server("127.0.0.1:0", "127.0.0.2:0") as server:
        second = ("127.0.0.2", server.ports[1])
        with Bridge("127.0.0.1", server.port, ("127.0.0.1", server.port)) as bridge, \
                Bridge("127.0.0.2", server.port, second) as middle, \
                Bridge(*second, second) as last:
            said = coturn("turnutils_natdiscovery", "-m", "-p", str(server.port), "127.0.0.1")
            assert f"Other addr: : 127.0.0.2:{server.ports[1]}\n" in said, said
            told = re.findall(r"UDP reflexive addr: ([\d.]+):(\d+)", said)
            told = [(ip, int(port)) for ip, port in told]
            # Each of its questions has come over another connection of ours.
            assert told == bridge.mapped + middle.mapped + last.mapped, (said, told)
            assert len(bridge.mapped) == len(middle.mapped) == len(last.mapped) == 1, said


def bytes_may_come_in_any_pieces():
    with Server() as server, Client(server.port) as client:
        for byte in request(BINDING):
            client.send(bytes([byte]))
            time.sleep(0.001)
        assert client.receive().mapped() == client.socket.getsockname()
        many = [request(BINDING) for _ in range(50)]
        stream = b"".join(many)
        client.send(stream[:333])
        client.send(stream[333:])
        for sent in many:
            assert client.receive().transaction == sent[8:20]


def starts_both_sides():
    key = Key()
    nonces = nonces_of(2)
    with Server() as server, Client(server.port) as listener, Client(server.port) as knocker:
        answer = listener.ask(signed(REGISTER, key, b"listener", nonces))
        assert (answer.kind, answer.mapped()) == (2, listener.socket.getsockname())
        knocker.send(signed(KNOCK, key, b"knocker"))
        knocker.bytes = knocker.socket.recv(65536)
        answer, start = knocker.take(), knocker.take()  # one segment: nothing was read in between
        assert answer and start, "the start did not come with the answer"
        assert (answer.kind, answer.method) == (2, KNOCK)
        other = listener.receive()
        for message, role, peer, description in (
                (start, 1, listener, b"listener"), (other, 2, knocker, b"knocker")):
            assert (message.kind, message.method) == (1, START)
            assert message.number(ROLE) == role
            assert message.attributes[DESCRIPTION] == description
            assert message.attributes[NONCES] == nonces[0]
            assert address_of(message.attributes[PEER], True) == peer.socket.getsockname()
        assert min(start.number(DELAY), other.number(DELAY)) == 0
        assert start.number(RTT) == other.number(RTT) > 0
        event = server.expect("start")
        assert event["address"] == "%s:%d" % knocker.socket.getsockname()
        assert event["listener"] == "%s:%d" % listener.socket.getsockname()
        assert event["room"] == server.expect("register")["room"] == key.room.hex()
        assert server.expect("knock")["parked"] is False
        assert all("at_ms" in event for event in server.events)


def parks_a_cold_knock():
    key = Key()
    with Server() as server, Client(server.port) as knocker:
        assert knocker.ask(signed(KNOCK, key, b"knocker")).kind == 2
        assert server.expect("knock")["parked"] is True
        with Client(server.port) as listener:
            listener.send(signed(REGISTER, key, b"listener", nonces_of(1)))
            assert listener.receive().method == REGISTER
            assert listener.receive().method == START
            assert knocker.receive().method == START


def refuses_what_is_not_genuine():
    key = Key()
    with Server() as server, Client(server.port) as client, Client(server.port) as thief:
        stale = client.ask(signed(REGISTER, key, b"x", nonces_of(1), off_ms=-3600_000))
        assert stale.code() == 438
        told_ms = struct.unpack("!Q", stale.attributes[TIME])[0]
        assert abs(told_ms / 1000 - time.time()) < LIMIT_S
        forged = bytearray(signed(REGISTER, key, b"x", nonces_of(1)))
        forged[-1] ^= 1
        assert client.ask(bytes(forged)).code() == 401
        genuine = signed(REGISTER, key, b"x", nonces_of(1))
        assert client.ask(genuine).kind == 2
        assert thief.ask(genuine).code() == 439
        assert thief.ask(request(0x003)).code() == 400  # TURN's Allocate
        assert [server.expect("refusal", count)["code"] for count in (1, 2, 3, 4)] == \
            [438, 401, 439, 400]


def closes_what_is_no_stun():
    with Server() as server, Client(server.port) as witness:
        for garbage in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", os.urandom(3000), bytes(5000),
                        request(BINDING)[:2] + b"\xff\xfc" + request(BINDING)[4:]):
            with Client(server.port) as client:
                with contextlib.suppress(OSError):  # closed while we were still sending
                    client.send(garbage)
                assert client.receive() is None, garbage
        with Client(server.port) as client:  # STUN, but an attribute runs past the end
            answer = client.ask(request(BINDING, struct.pack("!HHI", 0x8022, 400, 0)))
            assert answer.code() == 400
            assert client.receive() is None
        assert witness.bind().kind == 2


def does_not_wait_for_half_a_message():
    with Server() as server, Client(server.port) as slow, Client(server.port) as quick:
        slow.send(request(BINDING)[:7])
        for _ in range(20):
            assert quick.bind().kind == 2
        with Client(server.port) as gone:
            gone.send(request(BINDING)[:19])
        assert quick.bind().kind == 2


def closes_who_does_not_read():
    with Server() as server, Client(server.port, buffer_size=4096) as client:
        flood = b"".join(request(BINDING) for _ in range(1000))
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(5000):  # 100 MB of questions, far more answers than buffers hold
                client.send(flood)
            raise AssertionError("a client that never reads was not closed")
        with Client(server.port) as other:
            assert other.bind().kind == 2


def survives_when_descriptors_run_out():
    with Server(files=48) as server, contextlib.ExitStack() as stack:
        first = stack.enter_context(Client(server.port))
        assert first.bind().kind == 2
        turned_away = 0
        with contextlib.ExitStack() as crowd:
            clients = [crowd.enter_context(Client(server.port)) for _ in range(80)]
            for client in clients:
                with contextlib.suppress(OSError):
                    client.send(request(BINDING))
                turned_away += client.receive() is None
            assert 0 < turned_away < 80, turned_away
            assert first.bind().kind == 2
        deadline = time.monotonic() + LIMIT_S
        while True:  # the server needs a moment to see them go
            with Client(server.port) as client, contextlib.suppress(OSError):
                client.send(request(BINDING))
                if client.receive():
                    return
            assert time.monotonic() < deadline, "does not recover"


def ends_cleanly_with_clients_connected():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Server() as server, contextlib.ExitStack() as stack:
            key = Key()
            clients = [stack.enter_context(Client(server.port)) for _ in range(30)]
            clients[0].ask(signed(REGISTER, key, b"listener", nonces_of(8)))
            clients[1].send(request(BINDING)[:11])
            for client in clients[2:]:
                client.bind()
            assert server.end(number) == 0
            assert clients[2].receive() is None


def ends_cleanly_after_many_came_and_went():
    with Server() as server:
        for _ in range(300):
            with Client(server.port) as client:
                client.send(request(BINDING))
        with Client(server.port) as client:
            assert client.bind().kind == 2


def says_why_it_cannot_listen():
    with Server() as server:
        result = run("serve", "--listen", f"127.0.0.1:{server.port}")
        assert result.returncode == 1, result
        assert "in use" in result.stderr and "--listen" in result.stderr, result.stderr
    result = run("serve", "--listen", "192.0.2.1:0")
    assert result.returncode == 1 and "192.0.2.1" in result.stderr, result


def refuses_wrong_usage():
    for arguments in (["--listen", "nonsense"], ["--listen", "127.0.0.1:66000"], ["--listen"],
                      ["--relay", "perhaps"], ["--relay-rate", "1"], ["--relay-max", "0"],
                      ["--metrics", "127.0.0.1:1"], ["surplus"]):
        result = run("serve", *arguments)
        assert result.returncode == 2, (arguments, result)
        assert len(result.stderr.splitlines()) == 1, result.stderr
    result = run("serve", "--help")
    assert result.returncode == 0 and "--listen" in result.stdout, result
    assert "--relay on|off" in result.stdout and "--metrics" not in result.stdout


def is_quiet_by_default():
    process = subprocess.Popen([PROGRAM, "serve", "--listen", "127.0.0.1:0"], text=True,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        line = process.stderr.readline()
        with Client(int(line.rpartition(":")[2])) as client:
            assert client.ask(signed(REGISTER, Key(), b"x", nonces_of(1))).kind == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=LIMIT_S) == 0
        assert process.stderr.read() == "", "more than one line"
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def an_idle_client_costs_less_than_a_kibibyte():
    if not os.path.exists(PLAIN_PROGRAM):
        raise Skip(f"{PLAIN_PROGRAM}, which has no sanitizers in it, is not there")
    count = 2000
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit[1] < count + 100:
        raise Skip(f"only {limit[1]} open files are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit[0], count + 100), limit[1]))
    with Server(program=PLAIN_PROGRAM) as server, contextlib.ExitStack() as stack:
        with Client(server.port) as client:
            client.ask(signed(REGISTER, Key(), bytes(200), nonces_of(8)))
        before = server.memory()
        for _ in range(count):
            client = stack.enter_context(Client(server.port))
            assert client.ask(signed(REGISTER, Key(), bytes(200), nonces_of(8))).kind == 2
        each = (server.memory() - before) / count
        print(f"# {each:.0f} bytes for each of {count} registered clients")
        assert each < 1024, f"{each:.0f} bytes"


CASES = (
    tells_its_addresses, tells_a_mapping, unmaps_ipv4_on_a_dual_stack_socket,
    tells_another_address_for_mapping_tests, coturns_client_learns_its_mapping,
    coturns_mapping_test_finds_the_other_address, bytes_may_come_in_any_pieces, starts_both_sides,
    parks_a_cold_knock, refuses_what_is_not_genuine, closes_what_is_no_stun,
    does_not_wait_for_half_a_message, closes_who_does_not_read, survives_when_descriptors_run_out,
    ends_cleanly_with_clients_connected, ends_cleanly_after_many_came_and_went,
    says_why_it_cannot_listen, refuses_wrong_usage, is_quiet_by_default,
    an_idle_client_costs_less_than_a_kibibyte,
)


def main():
    failed = 0
    for case in CASES:
        try:
            case()
            print(f"ok {case.__name__}", flush=True)
        except Skip as skip:
            print(f"ok {case.__name__} # SKIP {skip}", flush=True)
        except Exception as error:  # whatever it is, the other cases have their turn
            failed += 1
            reason = " ".join(f"{type(error).__name__} {error}".split())
            print(f"not ok {case.__name__}: {reason}", flush=True)
            traceback.print_exc()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
