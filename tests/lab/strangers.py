# SPDX-License-Identifier: MIT
"""Those who want no good: impostors, a rendezvous server that lies, somebody who overhears and
plays it again. Written from docs/protocol.md alone, with no code of the library's."""
import base64
import contextlib
import ctypes
import ctypes.util
import hashlib
import hmac
import os
import select
import socket
import struct
import threading

from peers import SERVER

REGISTER, KNOCK, START = 0x0F1, 0x0F2, 0x0F3
REQUEST, INDICATION, SUCCESS, ERROR = 0, 1, 2, 3
COOKIE = 0x2112A442
MAPPED, ERROR_CODE = 0x0020, 0x0009
ROOM, TIME, DESCRIPTION, NONCES, ROLE, DELAY, RTT, PEER_ADDRESS = range(0x7E01, 0x7E09)
CONTROLLING, CONTROLLED = 1, 2
IMPOSTOR_PORT = 7777


# --- STUN ----------------------------------------------------------------------------------------


def message(kind, method, attributes, transaction=None):
    bits = method & 0xF | (method & 0x70) << 1 | (method & 0xF80) << 2
    bits |= (kind & 1) << 4 | (kind & 2) << 7
    body = b"".join(struct.pack("!HH", name, len(value)) + value + bytes(-len(value) % 4)
                    for name, value in attributes)
    return struct.pack("!HHI", bits, len(body), COOKIE) + (transaction or os.urandom(12)) + body


def read_message(data):
    """(class, method, transaction, attributes, rest), or None when more is to come."""
    if len(data) < 20 or len(data) < 20 + struct.unpack_from("!H", data, 2)[0]:
        return None
    bits, size = struct.unpack_from("!HH", data)
    method = bits & 0xF | bits >> 1 & 0x70 | bits >> 2 & 0xF80
    body, attributes = data[20:20 + size], {}
    while len(body) >= 4:
        name, length = struct.unpack_from("!HH", body)
        attributes[name] = body[4:4 + length]
        body = body[4 + length + -length % 4:]
    return bits >> 4 & 1 | bits >> 7 & 2, method, data[8:20], attributes, data[20 + size:]


def error_code(attributes):
    value = attributes[ERROR_CODE]
    return value[2] * 100 + value[3]


def pack_address(ip, port):
    """Family, port and address, as an XOR-... attribute has them; XORed by the cookie (IPv4)."""
    number = int.from_bytes(socket.inet_aton(ip), "big") ^ COOKIE
    return struct.pack("!BBHI", 0, 1, port ^ COOKIE >> 16, number)


# --- descriptions --------------------------------------------------------------------------------


def candidate(ip, port, kind=1, prefix=24):
    family = 2 if ":" in ip else 1
    packed = socket.inet_pton(socket.AF_INET6 if family == 2 else socket.AF_INET, ip)
    return struct.pack("!BBBH", kind, family, prefix, port) + packed


def describe(candidates, nonce):
    return b"\x02" + nonce + bytes(9) + bytes([len(candidates)]) + b"".join(candidates)


def _hkdf(secret, label):
    first = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(first, label + b"\x01", hashlib.sha256)


def seal_key(ticket):
    text = ticket.partition("-")[2]
    return _hkdf(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[1:33], b"hopconn seal")


def seal(plain, key, use):
    """By AES-256-GCM of the system's libcrypto. use: 1 as a listener, 2 as who knocks."""
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
    for name in "EVP_CIPHER_CTX_new", "EVP_aes_256_gcm":
        getattr(crypto, name).restype = ctypes.c_void_p
    nonce, size = os.urandom(12), ctypes.c_int()
    context = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    out, tag = ctypes.create_string_buffer(len(plain) + 16), ctypes.create_string_buffer(16)
    extra = b"hopdesc" + bytes([use])
    cipher = ctypes.c_void_p(crypto.EVP_aes_256_gcm())
    done = [
        crypto.EVP_EncryptInit_ex(context, cipher, None, key, nonce),
        crypto.EVP_EncryptUpdate(context, None, ctypes.byref(size), extra, len(extra)),
        crypto.EVP_EncryptUpdate(context, out, ctypes.byref(size), plain, len(plain)),
        crypto.EVP_EncryptFinal_ex(context, tag, ctypes.byref(size)),
        crypto.EVP_CIPHER_CTX_ctrl(context, 0x10, 16, tag)]
    crypto.EVP_CIPHER_CTX_free(context)
    if done != [1] * 5:
        raise OSError("libcrypto does not seal")
    return nonce + out.raw[:len(plain)] + tag.raw


# --- a server of ours ----------------------------------------------------------------------------


class Server:
    """Introduces as the real one does, without a look at any signature; then lies as told to.

    observed      (ip, port) that it claims to see the other side at; None: the truth
    describe      makes a sealed description out of the true one: describe(sealed, use)
    nonce         the nonce of START; None: one of the listener's
    roles         of the knocker and of the listener
    answer        says something else to whoever calls: answer(connection), then the end
    mixes_up      rooms: the listener of any is good enough
    """

    def __init__(self, net, **lies):
        self.observed = self.describe = self.nonce = self.answer = None
        self.roles, self.mixes_up, self.starts = (CONTROLLING, CONTROLLED), False, 0
        vars(self).update(lies)
        self._lock, self._listeners, self._open = threading.Lock(), {}, []
        self._socket = net.socket("server")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((SERVER, 3478))
        self._socket.listen(16)

    def __enter__(self):
        self._spawn(self._accept)
        return self

    def __exit__(self, *_):
        for one in [self._socket, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def has_listener(self):
        """Somebody has called; who introduces needs a listener that is registered."""
        return self._open if self.answer else self._listeners

    @staticmethod
    def _spawn(function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                one, address = self._socket.accept()
                self._open.append(one)
                self._spawn(self._serve, one, address)

    def _serve(self, one, address):
        data = b""
        with contextlib.suppress(OSError):
            if self.answer:
                self.answer(one)
            while True:
                more = one.recv(4096)
                if not more:
                    return
                data += more
                while read := read_message(data):
                    *asked, data = read
                    self._answer(one, address, *asked)

    def _answer(self, one, address, _, method, transaction, attributes):
        one.sendall(message(SUCCESS, method, [(MAPPED, pack_address(*address))], transaction))
        room = b"" if self.mixes_up else attributes.get(ROOM)
        with self._lock:
            if method == REGISTER and DESCRIPTION in attributes:
                known = self._listeners.get(room, (None, None, {}))[2]
                self._listeners[room] = (one, address, {**known, **attributes})
            elif method == KNOCK and room in self._listeners:
                self._introduce((one, address, attributes), self._listeners[room])

    def _introduce(self, knocker, listener):
        nonce = self.nonce or listener[2][NONCES][16 * self.starts:][:16]
        self.starts += 1
        for role, use, to, peer in ((self.roles[0], 1, knocker, listener),
                                    (self.roles[1], 2, listener, knocker)):
            sealed = peer[2][DESCRIPTION]
            to[0].sendall(message(INDICATION, START, [
                (ROLE, struct.pack("!I", role)), (DELAY, struct.pack("!I", 0)),
                (RTT, struct.pack("!I", 100000)),
                (PEER_ADDRESS, pack_address(*(self.observed or peer[1]))),
                (DESCRIPTION, self.describe(sealed, use) if self.describe else sealed),
                (NONCES, nonce)]))


# --- impostors -----------------------------------------------------------------------------------


def hello(kind=1, role=2):
    """As it should look, but who has no key can only guess the MAC."""
    return b"HOPC\x01" + bytes([kind, role, 0]) + os.urandom(48)


# What an impostor answers, made from what he has read so far.
HELLOS = {"a guess": lambda _: hello() + hello(2), "an echo": lambda heard: heard[:56] * 2,
          "zeros": lambda _: bytes(112), "another protocol": lambda _: b"HTTP/1.1 200 OK\r\n" * 7}


class Impostor:
    """Listens on a host, answers each connection with `words`, remembers what he hears."""

    def __init__(self, net, where, words):
        self.words, self.heard, self.count = words, [], 0
        self._socket = net.socket(where)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("", IMPOSTOR_PORT))
        self._socket.listen(64)

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                one, _ = self._socket.accept()
                self.count += 1
                threading.Thread(target=self._talk, args=(one,), daemon=True).start()

    def _talk(self, one):
        with one, contextlib.suppress(OSError):
            one.settimeout(20)
            heard = one.recv(56, socket.MSG_WAITALL)
            one.sendall(self.words(heard))
            while more := one.recv(4096):
                heard += more
            self.heard.append(heard)


@contextlib.contextmanager
def taken_over(net, where, peer):
    """Whoever comes from that address meets the impostor instead of the host's own program, which
    cannot call out to it either."""
    rules = f"""
    table ip takeover {{
     chain come {{ type nat hook prerouting priority dstnat;
      ip saddr {peer} tcp flags & (syn | ack) == syn redirect to :{IMPOSTOR_PORT}
     }}
     chain go {{ type filter hook output priority filter;
      ip daddr {peer} tcp flags & (syn | ack) == syn drop
     }}
    }}"""
    done = net.run(where, ["nft", "-f", "-"], input=rules)
    if done.returncode != 0:
        raise OSError(done.stderr)
    try:
        yield
    finally:
        net.run(where, ["nft", "delete", "table", "ip", "takeover"])


# --- who overhears -------------------------------------------------------------------------------


class Ears:
    """All TCP of one host, its loopback included: every SYN, and each stream's bytes.

    A stream is named by (source ip, source port, target ip, target port)."""

    def __init__(self, net, where):
        self.syns, self._streams, self._stop = set(), {}, False
        with net.inside(where):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(3))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop = True
        self._thread.join()
        self._socket.close()

    def stream(self, target_port=None, source_port=None, starts=b""):
        """The bytes of the one stream to or from that port; repeated segments count once."""
        for name, segments in list(self._streams.items()):
            data = b"".join(text for _, text in sorted(segments.items()))
            if (target_port in (None, name[3]) and source_port in (None, name[1])
                    and data.startswith(starts)):
                return data
        return b""

    def streams(self):
        return {name: b"".join(text for _, text in sorted(segments.items()))
                for name, segments in list(self._streams.items())}

    def _run(self):
        while not self._stop or select.select([self._socket], [], [], 0)[0]:
            if select.select([self._socket], [], [], 0.05)[0]:
                packet, origin = self._socket.recvfrom(1 << 17)
                self._read(packet, origin[1])

    def _read(self, packet, ethertype):
        if ethertype == 0x0800 and packet[9] == 6:
            size, tcp = struct.unpack_from("!H", packet, 2)[0], (packet[0] & 15) * 4
            ends = [socket.inet_ntoa(packet[at:at + 4]) for at in (12, 16)]
        elif ethertype == 0x86DD and packet[6] == 6:
            size, tcp = struct.unpack_from("!H", packet, 4)[0] + 40, 40
            ends = [socket.inet_ntop(socket.AF_INET6, packet[at:at + 16]) for at in (8, 24)]
        else:
            return
        source, target, sequence = struct.unpack_from("!HHI", packet, tcp)
        name = (ends[0], source, ends[1], target)
        if packet[tcp + 13] & 0x12 == 0x02:  # SYN, no ACK
            self.syns.add(name)
        text = packet[tcp + (packet[tcp + 12] >> 4) * 4:size]
        if text:
            self._streams.setdefault(name, {})[sequence] = text
