#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command before it connects: help, nonsense, values, versions, and the four ways to name a
ticket."""
import sys
import tempfile

from command import CLEAN, NULL, Site, check, check_event, main, run, same

COMMANDS = ["serve", "ticket", "listen", "connect", "chat", "check", "replay", "version", "help"]
LATER = ["hopconn send", "hopconn receive"]


def help_goes_to_stdout():
    every = run("help")
    for words in [(), ("help",), ("--help",), ("-h",)]:
        got = run(*words)
        same(got[0], 0, f"status of {words}")
        same(got[1:], (every[1], ""), f"output of {words}")
    for command in COMMANDS:
        check(f"hopconn {command} " in every[1], f"{command} is not in help")
        first = run("help", command)
        same(first, run(command, "--help"), f"{command} --help")
        same(first[0], 0, f"status of help {command}")
        check(f"hopconn {command}" in first[1].splitlines()[0], f"no usage line of {command}")


def help_knows_the_options_and_nothing_else():
    listen, connect = run("help", "listen")[1], run("help", "connect")[1]
    for option in ["--timeout", "-4", "-6", "--local-port", "--no-lan", "--no-portmap", "--plain",
                   "--relay auto|never|only", "-v", "--record", "--json", "--help",
                   "--interface NAME"]:
        check(option in listen and option in connect, f"{option} is not in the usage")
    check("--count" in listen, "--count is not in the usage of listen")
    every = run("help")[1] + "".join(run("help", command)[1] for command in COMMANDS)
    for word in LATER:
        check(word not in every, f"{word} is in the usage before it is there")


def nonsense_names_the_nearest_word():
    for words, nearest in [
            (["conect"], "connect"), (["lisen"], "listen"), (["tickets"], "ticket"),
            (["vesrion"], "version"), (["help", "serv"], "serve"), (["xyzzy"], "hopconn"),
            (["listen", "--jsno"], "--json"), (["connect", "--timout", "3"], "--timeout"),
            (["connect", "--nolan"], "--no-lan"), (["ticket", "--sever", "h"], "--server"),
            (["chat", "--interfcae", "lo"], "--interface"), (["chat", "--interface", "l0"], "lo"),
            (["listen", "--local-prot=4"], "--local-port"), (["version", "--jason"], "--json")]:
        status, out, err = run(*words)
        same((status, out), (2, ""), f"{words}")
        same(err.count("\n"), 1, f"lines for {words}")
        check(nearest in err, f"{words}: no '{nearest}' in {err!r}")


def wrong_values_are_refused():
    for words in [["connect", "--timeout", "soon", "x"], ["connect", "--timeout", "0", "x"],
                  ["connect", "--timeout", "-1", "x"], ["connect", "--timeout"],
                  ["connect", "--local-port", "65536", "x"], ["listen", "--count", "0", "x"],
                  ["connect", "-4", "-6", "x"], ["connect", "a", "b"], ["ticket"],
                  ["ticket", "--server", "host:99999"], ["ticket", "--server", ""],
                  ["version", "more"], ["chat", "--relay", "only", "--no-public-ip"], ["check"],
                  ["check", "--server", "a b"], ["check", "--server", "h", "--helper", "h:x"],
                  ["serve", "--dial-back", "maybe"],
                  ["check", "--server", "h", "--server", "i"],
                  ["connect", "--interface", "none0", "x"], ["chat", "--interface", ""],
                  ["check", "--server", "h", "--interface"],
                  ["connect", "--no-lan=yes", "x"], ["connect", "--relay", "perhaps", "x"]]:
        status, out, err = run(*words)
        same((status, out), (2, ""), f"{words}")
        same(err.count("\n"), 1, f"lines for {words}: {err}")


def wrong_usage_is_json_where_asked_for():
    for words in [["listen", "--jsom", "--json"], ["--json"], ["lissen", "--json"],
                  ["connect", "--json", "--timeout", "x"], ["connect", "--json", "no ticket"],
                  ["connect", "--json", "--\xff\udcff\x1b[31m"], ["ticket", "--json"]]:
        status, out, err = run(*words)
        same((status, out), (2, ""), f"{words}")
        same(err.count("\n"), 1, f"lines for {words}")
        if words != ["--json"]:
            same(check_event(err)["event"], "failed", f"{words}")


def version_names_its_parts():
    status, out, err = run("version")
    same((status, err), (0, ""), "version")
    for word in ["hopconn ", "OpenSSL", "c-ares", "libuv", "cJSON", "libcurl", "build:"]:
        check(word in out, f"{word} is not in {out!r}")
    same(run("--version"), (status, out, err), "--version")


# --- tickets -------------------------------------------------------------------------------------


def ticket_prints_a_line_and_nothing_else():
    one, two = (run("ticket", "--server", "server.example", "--server", "192.0.2.1:3479")
                for _ in range(2))
    same((one[0], one[2]), (0, ""), "ticket")
    same(one[1].count("\n"), 1, "lines")
    check(one[1] != two[1], "two tickets are equal")


def a_ticket_that_is_none():
    good = run("ticket", "--server", "192.0.2.1")[1].strip()
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("nothing\n")
        file.flush()
        for bad in ["", "hello", good[:-1], good[1:], good[:20] + "A" + good[21:] + "A",
                    "x" * 5000, "@" + file.name, "@/nonexistent/file", "-"]:
            for command in ["connect", "listen"]:
                status, out, err = run(command, bad)
                same((status, out), (2, ""), f"{command} {bad[:40]}")
                check(1 <= err.count("\n") <= 2, f"{command} {bad[:40]}: {err}")
    same(run("connect")[0], 2, "no ticket at all")
    wrong = {**CLEAN, "HOPCONN_TICKET": "x"}
    same(run("connect", env=wrong)[0], 2, "a wrong one in the environment")


def ticket_from_file_stdin_and_environment():
    with Site() as site, tempfile.NamedTemporaryFile("w") as file:
        file.write(site.ticket + "\nsecond line\n")
        file.flush()
        for way in ["file", "stdin", "environment"]:
            listener = site.listen(stdin=NULL)
            data = b"by " + way.encode() + b"\nand more\n"
            if way == "stdin":
                data_in = site.ticket.encode() + b"\n" + data
            else:
                data_in = data
            words = {"file": ["@" + file.name], "stdin": ["-"], "environment": []}[way]
            env = {**CLEAN, "HOPCONN_TICKET": site.ticket} if way == "environment" else CLEAN
            connector = site.start("connect", *words, env=env)
            same(connector.finish(data_in), (0, b""), f"connect by {way}")
            same(listener.finish(), (0, data), f"listen by {way}")


CASES = [
    help_goes_to_stdout,
    help_knows_the_options_and_nothing_else,
    nonsense_names_the_nearest_word,
    wrong_values_are_refused,
    wrong_usage_is_json_where_asked_for,
    version_names_its_parts,
    ticket_prints_a_line_and_nothing_else,
    a_ticket_that_is_none,
    ticket_from_file_stdin_and_environment,
]


if __name__ == "__main__":
    sys.exit(main(CASES))
