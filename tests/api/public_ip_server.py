#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A web service that tells its callers' address, in a good and in many bad ways, with certificates
of its own making: public_ip_server.py FOLDER. Prints one line "NAME=PORT ..." when it is ready and
runs until its standard input ends. FOLDER gets ca.pem, other-ca.pem and system/, a folder of
certificates as a system has it. What the paths answer stands in BODIES and ODD."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

IPV4, IPV6 = b"198.51.100.7", b"2001:db8::7"
NAMES = "IP:127.0.0.1,IP:::1,DNS:one.hop.test,DNS:six.hop.test,DNS:both.hop.test,DNS:lame.hop.test"
CONFIG = """
[ca]
default_ca = ca
database = {0}/index.txt
new_certs_dir = {0}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""

# Answers with status 200.
BODIES = {
    "right": IPV4, "spaces": b" \t" + IPV4 + b" \r\n", "mapped": b"::ffff:" + IPV4,
    "private": b"192.168.1.7", "loopback": b"127.0.0.1", "carrier": b"100.64.0.1",
    "multicast": b"224.0.0.1", "nowhere": b"0.0.0.0", "link-local": b"169.254.1.1",
    "mapped-private": b"::ffff:10.0.0.1", "local6": b"fd00::1", "six": IPV6,
    "timeout": b"timeout", "empty": b"", "two": IPV4 + b" 198.51.100.8",
    "two-lines": IPV4 + b"\n198.51.100.8\n", "comma": IPV4 + b",198.51.100.8",
    "trailing": IPV4 + b"x", "port": IPV4 + b":80", "short": b"198.51.100",
    "octal": b"198.051.100.7",
    "zero": IPV4 + b"\0", "html": b"<p>" + IPV4 + b"</p>", "json": b'{"ip":"198.51.100.7"}',
    "number": b"3325256711", "hex": b"0xc6336407", "brackets": b"[2001:db8::7]",
    "brackets-port": b"[2001:db8::7]:80", "zone": b"fe80::1%lo",
    "huge": bytes([ord("1")]) * 10000000, "hundred": IPV4 + b" " * 100,
}


def respond(status, body, more=b""):
    head = b"HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), more)
    return head + body


def chunked(stream):
    stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for letter in IPV4:
        stream.sendall(b"1\r\n%c\r\n" % letter)
    stream.sendall(b"0\r\n\r\n")


def cut_chunks(stream):
    stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nC\r\n" + IPV4 + b"\r\n")


def cut(stream):
    """No length, and the connection ends without TLS's own end: a longer address may be cut."""
    stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + IPV4)
    socket.socket(fileno=os.dup(stream.fileno())).shutdown(socket.SHUT_WR)
    hold(stream)


def until_close(stream):
    stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + IPV4)
    stream.unwrap()


def hold(stream):
    """Until the caller goes away."""
    while stream.recv(4096):
        pass


def drip(stream):
    for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10000:
        stream.sendall(b"%c" % letter)
        time.sleep(0.02)


def for_ever(stream, start, more):
    stream.sendall(start)
    while True:
        stream.sendall(more * 50)


ODD = {
    "status-500": lambda stream: stream.sendall(respond(500, IPV4)),
    "status-404": lambda stream: stream.sendall(respond(404, b"x" * 1000)),
    "status-204": lambda stream: stream.sendall(b"HTTP/1.1 204 Nothing\r\n\r\n"),
    "status-302": lambda stream: stream.sendall(respond(302, b"", b"Location: /right\r\n")),
    "status-206": lambda stream: stream.sendall(respond(206, IPV4)),
    "hints": lambda stream: stream.sendall(b"HTTP/1.1 103 Hints\r\n\r\n" + respond(200, IPV4)),
    "chunked": chunked, "until-close": until_close, "cut": cut, "cut-chunks": cut_chunks,
    "slow": hold, "drip": drip,
    "early": lambda stream: None,
    "half": lambda stream: stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + IPV4),
    "garbage": lambda stream: stream.sendall(IPV4 + b"\r\n\r\n"),
    "heads": lambda stream: for_ever(stream, b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 50 + b"\r\n"),
    "one-head": lambda stream: for_ever(stream, b"HTTP/1.1 200 OK\r\nX: ", b"y" * 50),
    "hundreds": lambda stream: for_ever(stream, b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


def answer(stream, local):
    head = b""
    while b"\r\n\r\n" not in head:
        got = stream.recv(4096)
        if not got:
            return
        head += got
        if not head.startswith(b"GET "[:len(head)]):
            stream.sendall(respond(400, b""))
            return
    path = head.split(b" ")[1].decode()[1:]
    if path == "family":
        stream.sendall(respond(200, IPV6 if ":" in local else IPV4))
    elif path in BODIES:
        stream.sendall(respond(200, BODIES[path]))
    else:
        ODD[path](stream)


def serve_one(raw, behave):
    try:
        behave(raw)
    except (OSError, ValueError):  # the caller went away, or would not have our certificate
        pass
    finally:
        raw.close()


def listen(behave, family=socket.AF_INET, port=0):
    listener = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", port),
                                    family=family, backlog=256)

    def accept():
        while True:
            raw = listener.accept()[0]
            threading.Thread(target=serve_one, args=(raw, behave), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def with_tls(folder, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{certificate}.pem", f"{folder}/server-key.pem")

    def behave(raw):
        local = raw.getsockname()[0]
        with context.wrap_socket(raw, server_side=True, suppress_ragged_eofs=False) as stream:
            answer(stream, local)
    return behave


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_key(folder, name):
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-out", f"{folder}/{name}-key.pem")


def make_ca(folder, name):
    """All of one name: only the key tells one from another."""
    make_key(folder, name)
    run("openssl", "req", "-x509", "-new", "-key", f"{folder}/{name}-key.pem", "-subj",
        "/CN=the test", "-days", "2", "-addext", "keyUsage=critical,keyCertSign",
        "-out", f"{folder}/{name}.pem")


def make_certificate(folder, name, ca, names, dates):
    with open(f"{folder}/names.cnf", "w", encoding="ascii") as file:
        file.write(f"subjectAltName={names}\n")
    run("openssl", "req", "-new", "-key", f"{folder}/server-key.pem", "-subj", f"/CN={name}",
        "-out", f"{folder}/{name}.csr")
    run("openssl", "ca", "-batch", "-notext", "-config", f"{folder}/ca.cnf", "-in",
        f"{folder}/{name}.csr", "-cert", f"{folder}/{ca}.pem", "-keyfile", f"{folder}/{ca}-key.pem",
        "-extfile", f"{folder}/names.cnf", "-out", f"{folder}/{name}.pem", *dates)


def make_certificates(folder):
    now, past = ("-days", "2"), ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
    with open(f"{folder}/ca.cnf", "w", encoding="ascii") as file:
        file.write(CONFIG.format(folder))
    with open(f"{folder}/index.txt", "w", encoding="ascii"):
        pass
    make_key(folder, "server")
    make_ca(folder, "ca")
    make_ca(folder, "other-ca")
    make_certificate(folder, "good", "ca", NAMES, now)
    make_certificate(folder, "strange", "other-ca", NAMES, now)
    make_certificate(folder, "elsewhere", "ca", "DNS:elsewhere.hop.test,IP:127.0.0.2", now)
    make_certificate(folder, "expired", "ca", NAMES, past)
    os.mkdir(f"{folder}/system")
    shutil.copy(f"{folder}/ca.pem", f"{folder}/system/ca-certificates.crt")
    shutil.copy(f"{folder}/ca.pem", f"{folder}/system/ca.pem")
    run("openssl", "rehash", f"{folder}/system")


def main():
    folder = sys.argv[1]
    make_certificates(folder)
    good = with_tls(folder, "good")
    ports = {"good": listen(good)}
    try:
        listen(good, socket.AF_INET6, ports["good"])  # the same port, for names with both
        ports["six"] = ports["good"]
    except OSError:
        ports["six"] = 0
    for name in ("strange", "elsewhere", "expired"):
        ports[name] = listen(with_tls(folder, name))
    ports["plain"] = listen(lambda raw: answer(raw, "127.0.0.1"))
    ports["mute"] = listen(hold)
    ports["shut"] = listen(lambda raw: None)
    print(*(f"{name}={port}" for name, port in ports.items()), flush=True)
    sys.stdin.read()


main()
