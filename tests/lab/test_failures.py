#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What cannot work ends, says what to do about it, and leaves the right exit status: no server,
nobody there, no path, somebody who does not hold the secret. Each time it is the advice that would
help, and docs/troubleshooting.md has its section (tests/docs looks after that)."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402
import strangers  # noqa: E402

TIMEOUT = ("--timeout", "3", "--relay", "never")
HOLE = "203.0.113.77"  # routed to the server, which answers for no such address
LATE_MS = 12000  # a generous bound on the end of an attempt whose time-out is 3 s


def check_failed(peer, error, reason, timed=True):
    """One 'failed' with all its fields, before it was too late; returns it."""
    failed = peer.event("failed")
    same(failed["error"], error, f"error of {peer}")
    for field in "text", "advice":
        check(failed[field] and "\n" not in failed[field], f"{field} of {failed}")
    same(failed["reason"], reason, f"reason of {peer}")
    check(failed["advice"].endswith(f" See {reason} in docs/troubleshooting.md."), failed["advice"])
    check(isinstance(failed["report"], list) and failed["report"], f"report of {failed}")
    check(not timed or failed["at_ms"] < LATE_MS, lambda: f"so late: {peer.story()}")
    same(peer.output(), b"", f"what {peer} passed on")
    same(peer.events("established", "closed"), [], f"connections of {peer}")
    return failed


def check_words(net, where, words, status, reason):
    """Without --json: what happened and what to do; between them the report, when the peer was
    met."""
    with peers.Peer(net, where, *words, as_json=False) as peer:
        peer.expect(status)
        lines = peer.text().splitlines()
        check(all(line.startswith("hopconn: ") for line in lines) and
              lines[-1].endswith(f" See {reason} in docs/troubleshooting.md."),
              f"words for status {status}: {lines}")
        report = [line for line in lines if line.startswith("hopconn:   ")]
        same(lines[1:-1], report, "lines between what happened and what to do")
        same(len(report) > 1, status in (5, 6), f"there is a report of an attempt: {lines}")
        same(peer.output(), b"", "stdout")


def no_server(server, reason, prepare=()):
    with peers.Lab(a="eim-drop") as net:
        ticket = peers.ticket(server)
        for command in prepare:
            done(net, "a", *command)
        with peers.Peer(net, "a", "connect", ticket, *TIMEOUT) as connector:
            check_failed(connector.expect(3), "SERVER", reason)
        check_words(net, "a", ("connect", ticket, *TIMEOUT), 3, reason)


def done(net, where, *command):
    result = net.run(where, command)
    check(result.returncode == 0, f"{command}: {result.stderr}")


def answers(reply):
    """What a server of ours does to whoever asks: reply(transaction), None: hangs up."""
    def answer(connection):
        request = connection.recv(4096) if reply else b""
        if reply:
            connection.sendall(reply(request[8:20]))
            connection.recv(4096)
        connection.close()
    return answer


def refusal(code):
    return lambda transaction: strangers.message(
        strangers.ERROR, strangers.KNOCK,
        [(strangers.ERROR_CODE, bytes([0, 0, code // 100, code % 100]) + b"no")], transaction)


def the_server_says(reply, status, error, reason):
    with peers.Lab(a="eim-drop") as net, strangers.Server(net, answer=answers(reply)):
        with peers.Peer(net, "a", "connect", peers.ticket(), *TIMEOUT) as connector:
            check_failed(connector.expect(status), error, reason)


def the_second_server_will_do():
    """One server of the ticket is gone in silence, the other one introduces."""
    with peers.Lab(a="eim-drop", b="eim-rst") as net, peers.serve(net):
        ticket = peers.ticket(HOLE, peers.SERVER)
        with peers.Peer(net, "a", "listen", ticket, data=b"from a\n") as listener, \
                peers.Peer(net, "b", "connect", ticket, data=b"from b\n") as connector:
            same((connector.expect(0).output(), listener.expect(0).output()),
                 (b"from a\n", b"from b\n"), "what was exchanged")


def nobody():
    with peers.Lab(a="eim-drop", b="public") as net, peers.serve(net):
        ticket, other = peers.ticket(), peers.ticket()
        with peers.Peer(net, "b", "listen", other) as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "a", "connect", ticket, *TIMEOUT) as connector:
                check_failed(connector.expect(4), "NOBODY", "NOBODY")
            check_words(net, "a", ("connect", ticket, *TIMEOUT), 4, "NOBODY")
            same(listener.events("peer", "failed"), [], "what another ticket's listener noticed")
            check(listener.process.poll() is None, "another ticket's listener ended")


def no_path():
    """Both sides say so, and the listener goes on: the next peer is connected."""
    random = "symmetric-random"
    with peers.Lab(a=random, b=random, c="public") as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *TIMEOUT, data=b"from a\n") as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "b", "connect", ticket, *TIMEOUT) as connector:
                failed = check_failed(connector.expect(5), "NO_PATH", "both-random")
                check(net.public("a") in " ".join(failed["report"]), f"no pair in {failed}")
            listener.wait_event("failed")
            failed = check_failed(listener, "NO_PATH", "both-random", timed=False)
            check(net.public("b") in " ".join(failed["report"]), f"no pair in {failed}")
            check(listener.process.poll() is None, "the listener ended")
            with peers.Peer(net, "c", "connect", ticket, data=b"from c\n") as connector:
                same(connector.expect(0).output(), b"from a\n", "what came to c")
            same(listener.expect(0).output(), b"from c\n", "what came to a")
        with peers.Peer(net, "a", "listen", ticket, *TIMEOUT) as listener:
            listener.wait_event("listening")
            check_words(net, "b", ("connect", ticket, *TIMEOUT), 5, "both-random")


def both_fail(reasons, sites, hosts=("a", "b"), words=((), ()), prepare=()):
    """Listener and connector fail by these reasons."""
    with peers.Lab(**sites) as net, peers.serve(net):
        for where, rules in prepare:
            done(net, where, "nft", rules)
        servers = ([peers.SERVER6] if "-6" in words[0] + words[1] else []) + [peers.SERVER]
        ticket = peers.ticket(*servers[::-1])
        with peers.Peer(net, hosts[0], "listen", ticket, *TIMEOUT, *words[0]) as listener:
            listener.wait_event("listening")
            with peers.Peer(net, hosts[1], "connect", ticket, *TIMEOUT, *words[1]) as connector:
                check_failed(connector.expect(5), "NO_PATH", reasons[1])
                listener.wait_event("failed")
                check_failed(listener, "NO_PATH", reasons[0], timed=False)


def only_the_server(verdict):
    """On a's router: TCP gets out to the server only."""
    return [("a-router", "table ip only { chain out { type filter hook forward priority -5; "
             'iifname "br0" oifname "wan" ip daddr != 203.0.113.1 meta l4proto tcp %s; }; }'
             % verdict)]


def impostor():
    """At the listener's address somebody else answers, who cannot know the secret; nothing that he
    says makes a connection, and he learns nothing."""
    with peers.Lab(a="public", b="eim-drop") as net, peers.serve(net):
        ticket, secret = peers.ticket(), peers.token("b")
        for name, words in strangers.HELLOS.items():
            with peers.Peer(net, "a", "listen", ticket, *TIMEOUT) as listener, \
                    strangers.Impostor(net, "a", words) as someone:
                listener.wait_event("listening")
                with strangers.taken_over(net, "a", net.public("b")), \
                        peers.Peer(net, "b", "connect", ticket, *TIMEOUT, data=secret) as connector:
                    check_failed(connector.expect(6), "IMPOSTOR", "IMPOSTOR")
                listener.wait_event("failed")
                same(listener.events("established"), [], "connections of the listener")
            check(someone.count > 0, f"nobody called the impostor who says {name}")
            check(not any(secret in heard for heard in someone.heard), f"{name} got the payload")


def another_secret():
    """The room is the same but not the secret: cannot be, so a listener's description that no
    secret of ours opens is an impostor's too. A server that mixes up rooms does that."""
    with peers.Lab(a="public", b="eim-drop") as net, strangers.Server(net, mixes_up=True):
        with peers.Peer(net, "a", "listen", peers.ticket()) as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "b", "connect", peers.ticket(), *TIMEOUT) as connector:
                check_failed(connector.expect(6), "IMPOSTOR", "wrong-description")


NO_ROUTE = [("ip", "route", "del", "default")]
PROHIBIT = [("ip", "route", "add", "prohibit", peers.SERVER)]
CASES = [("no server: refused", lambda: no_server(peers.SERVER, "server-refuses")),
         ("no server: silence", lambda: no_server(HOLE, "server-silent")),
         ("no server: no network", lambda: no_server(peers.SERVER, "offline", NO_ROUTE)),
         ("no server: forbidden here",
          lambda: no_server(peers.SERVER, "local-firewall", PROHIBIT)),
         ("the server hangs up",
          lambda: the_server_says(None, 3, "SERVER", "server-hangs-up")),
         ("the server is full",
          lambda: the_server_says(refusal(486), 3, "REFUSED", "server-full")),
         ("the server does not understand",
          lambda: the_server_says(refusal(400), 3, "REFUSED", "server-version")),
         ("no path: random and sequential", lambda: both_fail(
             ("random-sequential", "random-sequential"),
             {"a": "symmetric-random", "b": "symmetric-seq"})),
         ("no path: no hairpin", lambda: both_fail(
             ("no-hairpin", "no-hairpin"), {"a": "eim-drop,hosts=2"}, ("a", "a2"),
             (("--no-lan",), ("--no-lan",)))),
         ("no path: no common family", lambda: both_fail(
             ("no-common-family", "no-common-family"),
             {"a": "eim-drop,v6=firewall", "b": "eim-drop,v6=firewall"},
             words=(("-4",), ("-6",)))),
         ("no path: nothing gets out", lambda: both_fail(
             ("all-silent", "all-silent"), {"a": "eim-drop", "b": "eim-drop"},
             prepare=only_the_server("drop"))),
         ("no path: refused on both sides", lambda: both_fail(
             ("all-refused", "all-refused"), {"a": "preserving-rst", "b": "preserving-rst"},
             prepare=only_the_server("reject with tcp reset"))),
         ("the second server will do", the_second_server_will_do),
         ("nobody listens", nobody), ("no path", no_path), ("impostor", impostor),
         ("another secret", another_secret)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 4))
