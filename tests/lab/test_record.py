#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recordings of live runs: they tell the same story as -v and --json did, at the same times; they
hold no secret; and whatever becomes of the program or the disk, nothing but the recording suffers.

HOP_KEEP=FOLDER keeps the recordings of the NATs' cases there: tests/replay lives on such files."""
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402
import strangers  # noqa: E402

KEEP = os.environ.get("HOP_KEEP")
RANDOM = "symmetric-random"
# What the command itself adds, once the endpoint has handed over: no part of a recording.
OWN = re.compile(r"hopconn: (connected to|ended by) |"
                 r"\[ *[\d.]+ ms\] (encrypted by|not encrypted|closed: )")
# What a recording does not know.
INTERFACE = re.compile(r"(our address: .* \(host), [^)]*\)")
INPUT, ANSWER, OUTPUTS = 2, 3, 5
RECEIVED = 5


def replay(path, *words, status=0):
    """(stdout, stderr)"""
    done = subprocess.run([peers.PROGRAM, "replay", path, *words], capture_output=True, text=True,
                          timeout=peers.HANG_S, env=peers.CLEAN, check=False)
    same(done.returncode, status, f"status of replay, which says {done.stderr!r}")
    return done.stdout, done.stderr


def story_of(peer):
    """As it is recorded: all but the command's own lines and the names of interfaces."""
    return "".join(INTERFACE.sub(r"\1)", line) for line in peer.text().splitlines(True)
                   if not OWN.match(line))


def check_same_story(peer, path):
    """What -v told is what replay tells, byte for byte."""
    live = story_of(peer)
    told, talk = replay(path)
    same(told, live, f"the story of {path}")
    same(talk, "", "what replay has to add")
    check(live.count("\n") > 8, f"a short story: {live}")


def check_same_events(peer, path):
    """The same with --json; the command tells of "established" only when it knows of TLS."""
    live = [event for event in peer.events() if event["event"] != "closed"]
    told = [json.loads(line) for line in replay(path, "--json")[0].splitlines()]
    for event in live + told:
        if event["event"] == "established":
            event.pop("encrypted", None)
            event.pop("at_ms")
        event.pop("interface", None)
    same(told, live, f"the events of {path}")


def entries(path):
    """(kind, payload) of each."""
    with open(path, "rb") as file:
        data = file.read()
    same(data[:10], b"HOPREC\r\n\0\2", f"head of {path}")
    found, at = [], 10
    while at < len(data):
        size = int.from_bytes(data[at + 1:at + 3], "big")
        found.append((data[at], data[at + 3:at + 3 + size]))
        at += 3 + size
    same(at, len(data), f"size of {path}")
    return found


# --- secrets -------------------------------------------------------------------------------------


def derive(secret, label, salt=bytes(32)):
    """HKDF-SHA-256 (RFC 5869) to 32 bytes."""
    extracted = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(extracted, label.encode() + b"\1", hashlib.sha256)


def ticket_secret(ticket):
    text = ticket.partition("-")[2]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[1:33]


def hellos(path):
    """The messages of 56 bytes that came in."""
    found = [payload[13:] for kind, payload in entries(path)
             if kind == INPUT and payload[8] == RECEIVED]
    return [message for message in found if message.startswith(b"HOPC") and len(message) == 56]


def nonces(path):
    """Answers of the crypto table that are random and 16 bytes long."""
    return [payload[2:] for kind, payload in entries(path)
            if kind == ANSWER and payload[0] == 1 and len(payload) == 18]


def all_keys(ticket, listener, connector):
    """Every key of the ticket and of the attempt, found again by its use."""
    secret = ticket_secret(ticket)
    keys = {"secret": secret}
    for name in "room", "seal", "link":
        keys[name] = derive(secret, "hopconn " + name)
    heard = {"controlling": hellos(listener), "controlled": hellos(connector)}
    check(all(heard.values()), f"no hellos in {listener} or {connector}")
    hello = heard["controlled"][0]
    for one in nonces(connector):
        for other in nonces(listener):
            key = derive(keys["link"], "hopconn attempt", one + other)
            if hmac.digest(key, hello[:24], hashlib.sha256) == hello[24:]:
                keys["attempt"] = key
    check("attempt" in keys, "the attempt's key was not found: this test knows too little")
    for number, one in enumerate(heard["controlling"]):
        for other in heard["controlled"]:
            keys[f"psk {number} {other[8:24].hex()}"] = derive(
                keys["attempt"], "hopconn tls", one[8:24] + other[8:24])
    return keys


def found_key(data, keys):
    """The name of a key that stands in data, its first half at least, in whatever form."""
    for name, key in keys.items():
        part = key[:16]
        forms = [part, part[::-1], part.hex().encode(), part.hex().upper().encode()]
        for shift in range(3):  # base64 has three ways to meet the bytes' beginning
            text = base64.b64encode(bytes(shift) + part)[4 if shift else 0:16]
            forms += [text, text.replace(b"+", b"-").replace(b"/", b"_")]
        if any(form in data for form in forms):
            return name
    return None


def check_no_keys(path, keys):
    with open(path, "rb") as file:
        data = file.read()
    for name, key in keys.items():  # that which finds nothing has to be able to find
        for before in b"", b"1", b"22":
            for way in bytes, base64.b64encode, base64.urlsafe_b64encode, binascii.hexlify:
                same(found_key(data + way(before + key) + data, {name: key}), name, "a planted key")
    same(found_key(data, keys), None, f"a key in {path}")


# --- cases ---------------------------------------------------------------------------------------


def kept(path, name):
    if KEEP:
        shutil.copyfile(path, os.path.join(KEEP, name + ".hoprec"))


def success(form):
    """Through two NATs, both sides recorded."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a="eim-drop", b="preserving-rst") as net, peers.serve(net):
        one, other = os.path.join(top, "listen"), os.path.join(top, "connect")
        ticket, as_json = peers.ticket(), form == "--json"
        words = () if as_json else ("-v",)
        with peers.Peer(net, "a", "listen", ticket, *words, "--record", one, data=b"from a\n",
                        as_json=as_json) as listener:
            peers.wait_for(lambda: '"listening"' in listener.text() or
                           "registered with" in listener.text(), "the listener")
            with peers.Peer(net, "b", "connect", ticket, *words, "--record", other,
                            as_json=as_json) as connector:
                same(connector.expect(0).output(), b"from a\n", "payload")
                listener.expect(0)
                for peer, path in (listener, one), (connector, other):
                    (check_same_events if as_json else check_same_story)(peer, path)
                    same(os.stat(path).st_mode & 0o7777, 0o600, f"mode of {path}")
        keys = all_keys(ticket, one, other)
        check(len(keys) >= 6, f"keys looked for: {list(keys)}")
        for path in one, other:
            check_no_keys(path, keys)
        if not as_json:
            kept(one, "punched-listen")
            kept(other, "punched-connect")


def no_path():
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a=RANDOM, b=RANDOM) as net, peers.serve(net):
        one, other = os.path.join(top, "listen"), os.path.join(top, "connect")
        ticket = peers.ticket()
        words = ticket, "--timeout", "3", "--relay", "never", "-v", "--record"
        with peers.Peer(net, "a", "listen", *words, one, as_json=False) as listener:
            peers.wait_for(lambda: "registered with" in listener.text(), "the listener")
            with peers.Peer(net, "b", "connect", *words, other, as_json=False) as connector:
                connector.expect(5)
                peers.wait_for(lambda: "no path" in listener.text(), "the listener's failure")
                listener.process.send_signal(signal.SIGTERM)
                listener.expect(1)
                check_same_story(connector, other)
                check_same_story(listener, one)
        kept(other, "no-path-connect")


def relayed():
    """Both sides' stories, with what the server said of the relay in them."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a=RANDOM, b=RANDOM) as net, peers.serve(net):
        one, other = os.path.join(top, "listen"), os.path.join(top, "connect")
        words = peers.ticket(), "-v", "--record"
        with peers.Peer(net, "a", "listen", *words, one, as_json=False) as listener, \
                peers.Peer(net, "b", "connect", *words, other, as_json=False) as connector:
            for peer, path in ((connector, other), (listener, one)):
                peer.expect(0)
                check("a relay is there" in peer.text(), peer.text())
                check_same_story(peer, path)


def impostor():
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a="public", b="eim-drop") as net, peers.serve(net):
        ticket, path = peers.ticket(), os.path.join(top, "connect")
        with peers.Peer(net, "a", "listen", ticket, "--timeout", "3") as listener, \
                strangers.Impostor(net, "a", strangers.HELLOS["a guess"]):
            listener.wait_event("listening")
            with strangers.taken_over(net, "a", net.public("b")), \
                    peers.Peer(net, "b", "connect", ticket, "--timeout", "3", "--relay", "never",
                               "-v", "--record", path, as_json=False) as connector:
                connector.expect(6)
                check_same_story(connector, path)
        kept(path, "impostor")


def no_server():
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a="eim-drop") as net:
        path = os.path.join(top, "connect")
        with peers.Peer(net, "a", "connect", peers.ticket(), "--timeout", "3", "-v", "--record",
                        path, as_json=False) as connector:
            connector.expect(3)
            live = story_of(connector)
        same(replay(path)[0], live, "the story")
        kept(path, "no-server")


def environment():
    """HOP_RECORD, a file: the second endpoint of a program takes a name of its own. A folder: new
    files in it."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a="public", b="public") as net, peers.serve(net):
        ticket, path, folder = peers.ticket(), os.path.join(top, "x"), os.path.join(top, "many")
        os.mkdir(folder)
        with peers.Peer(net, "a", "HOP_RECORD=" + folder, peers.PROGRAM, "listen", ticket,
                        "--exec", "cat", program="env") as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "b", "HOP_RECORD=" + path, peers.PROGRAM, "connect", ticket,
                            "--bind", "127.0.0.1:4000", "--count", "2", program="env") as connector:
                connector.wait_event("bound")
                for _ in range(2):
                    with net.socket("b") as client:
                        client.connect(("127.0.0.1", 4000))
                        client.sendall(b"x")
                        client.shutdown(1)
                        same(client.recv(9), b"x", "the echo")
                connector.expect(0)
            listener.wait_event("closed", 2)
            listener.process.send_signal(signal.SIGTERM)
            listener.expect(0)
        same(sorted(os.listdir(top)), ["many", "x", "x.2"], "files")
        names = os.listdir(folder)
        check(len(names) == 1 and re.fullmatch(r"hopconn-\d{8}-\d{6}-\d+\.hoprec", names[0]),
              f"in the folder: {names}")
        for file in path, path + ".2", os.path.join(folder, names[0]):
            check("connected from" in replay(file)[0], f"no connection in {file}")


def unwritable():
    """An error at once, clear words, no attempt."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, peers.Lab(a="public") as net:
        for place, why in ((os.path.join(top, "none", "x"), "No such file"),
                           ("/dev/null", "Invalid")):
            for words in ("connect", peers.ticket()), ("listen", peers.ticket()), ("chat",):
                more = () if words[0] == "chat" else ("-v",)
                with peers.Peer(net, "a", *words, *more, "--record", place,
                                as_json=False) as peer:
                    said = peer.expect(1).text()
                    check(f"cannot write the recording {place}: {why}" in said, f"said: {said}")
                    check("calls the server" not in said, f"said: {said}")
        with peers.Peer(net, "a", "connect", peers.ticket(), "--bind", "127.0.0.1:0", "--record",
                        os.path.join(top, "file")) as peer:
            check("folder" in peer.expect(2).event("failed")["text"], peer.text())
        with peers.Peer(net, "a", "HOP_RECORD=/none/x", peers.PROGRAM, "connect", peers.ticket(),
                        program="env") as peer:
            check("/none/x" in peer.expect(1).event("failed")["text"], peer.text())


def killed():
    """All that happened before the kill is told; that it was cut is said, apart."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a=RANDOM, b=RANDOM) as net, peers.serve(net):
        ticket, path = peers.ticket(), os.path.join(top, "x")
        with peers.Peer(net, "a", "listen", ticket) as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "b", "connect", ticket, "--relay", "never", "-v", "--record",
                            path, as_json=False) as connector:
                peers.wait_for(lambda: "3rd time" in connector.text(), "three dials")
                connector.process.kill()
                connector.process.wait()
                live = story_of(connector)
        told, talk = replay(path)
        # The command may have been killed with events in its hands.
        check(told.startswith(live), f"told: {told} instead of: {live}")
        check("breaks off" in talk, f"said: {talk}")


def full_disk():
    """The disk is full in the middle: the connection comes about, the recording just ends."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "full", top],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise peers.Skip("cannot mount a small tmpfs: " + done.stderr.strip())
        try:
            path = os.path.join(top, "x")
            with peers.Lab(a="public", b="public") as net, peers.serve(net):
                ticket = peers.ticket()
                with peers.Peer(net, "a", "listen", ticket, "--count", "9", "--record",
                                path) as listener:
                    listener.wait_event("listening")
                    for _ in range(9):
                        with peers.Peer(net, "b", "connect", ticket, data=b"x") as connector:
                            connector.expect(0)
                    same(listener.expect(0).output(), b"x" * 9, "payload")
            same(os.stat(path).st_size, 4096, "size of the recording: the disk was not full")
            told, talk = replay(path)
            check("registered with" in told and "breaks off" in talk, f"told: {told} {talk}")
        finally:
            subprocess.run(["umount", top], check=True)


def chat():
    """The connection with handlers, by bare addresses."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top, \
            peers.Lab(a="public", b="public") as net:
        one, other = os.path.join(top, "one"), os.path.join(top, "other")
        words = "chat", "--no-public-ip", "--record"
        with peers.Peer(net, "a", *words, one, as_json=False, data=b"\n",
                        keep_stdin=True) as first:
            found = peers.wait_for(lambda: re.search(r"local address: (\S+)", first.text()),
                                   "the address")
            line = found[1].encode() + b"\nhello\n"
            with peers.Peer(net, "b", *words, other, as_json=False, data=line,
                            keep_stdin=True) as second:
                peers.wait_for(lambda: first.output() == b"hello\n", "the line")
                second.end_stdin()
                second.expect(0)
            first.end_stdin()
            first.expect(0)
        for path in one, other:
            check("connected from" in replay(path)[0], f"no connection in {path}")


def nonsense():
    """Files that are no recordings, of another version, changed, or not there."""
    with tempfile.TemporaryDirectory(prefix="hop-record-") as top:
        path = os.path.join(top, "x")
        sample = os.path.join(peers.SOURCE, "tests", "replay", "punched-connect.hoprec")
        with open(sample, "rb") as file:
            good = file.read()
        place = good.rindex(b"HOPC")
        changed = good[:place] + b"hopc" + good[place + 4:]
        for data, status, word in ((b"", 1, "no recording"), (b"nonsense", 1, "no recording"),
                                   (good[:9] + b"\3" + good[10:], 1, "version 3"),
                                   (changed, 1, "from here on"), (good[:-20], 0, "breaks off"),
                                   (good[:10], 0, "breaks off")):
            with open(path, "wb") as file:
                file.write(data)
            told, talk = replay(path, status=status)
            check(word in talk, f"about {data[:12]!r}: {talk!r}")
            check(replay(sample)[0].startswith(told), f"another story: {told}")
        check("No such file" in replay(path + "y", status=1)[1], "a file that is not there")


CASES = [("success: -v, keys", lambda: success("-v")),
         ("success: --json", lambda: success("--json")), ("no path", no_path),
         ("relayed", relayed), ("impostor", impostor), ("no server", no_server),
         ("environment", environment),
         ("unwritable", unwritable), ("killed", killed), ("full disk", full_disk), ("chat", chat),
         ("nonsense", nonsense)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 2))
