#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/test itself, run on programs of a few lines: what it counts, what it takes for a failure
whatever was printed, and who gets a second chance."""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import socket
import sys
import tempfile

SOURCE = os.environ.get("HOP_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Fails when it runs first, passes when it runs again.
MENDED = 'test -e "$0" && echo "ok late" || { : > "$0"; echo "%s"; exit 1; }'
FAILED = "not ok late: AssertionError too late"


def load():
    path = os.path.join(SOURCE, "tools", "test")
    loader = importlib.machinery.SourceFileLoader("runner", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("runner", loader))
    loader.exec_module(module)
    return module


runner = load()


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r} instead of {wanted!r}")


def outcome_of(script, suite="unit", limit=20):
    """Of one program, and the lines told about second chances."""
    with tempfile.TemporaryDirectory(prefix="hop-runner-") as folder, \
            contextlib.redirect_stdout(io.StringIO()):
        test = {"name": "name", "suite": ["hopconn:" + suite], "env": {}, "workdir": None,
                "timeout": limit, "is_parallel": True,
                "cmd": ["sh", "-c", script, os.path.join(folder, "mark")]}
        outcomes = runner.run_all([test])
        told = runner.second_chances(outcomes)
        return outcomes[0], told


def counts_cases():
    outcome, told = outcome_of("echo ok a; echo 'ok b # SKIP no b here'; echo 'not ok c: why'; "
                               "exit 1")
    same((outcome.passed, outcome.skips, outcome.failures(), told),
         (1, ["b: no b here"], ["c: why"], []), "outcome")


def what_no_case_tells():
    for script, words in (
            ("true", "no case was run"), ("echo ok a; exit 3", "exit status 3"),
            ("echo 1..2; echo ok a", "2 cases planned, 1 run"),
            ("echo ok a; kill -SEGV $$", "killed by signal 11"),
            ("echo ok a; sleep 100", "not finished after 1 s"),
            ("echo ok a; echo error: leak > ${ASAN_OPTIONS##*log_path=}.1", "sanitizer: error")):
        failures = outcome_of(script, limit=1)[0].failures()
        same((len(failures), words in failures[0]), (1, True), f"{script}: {failures}")


def a_second_chance():
    for suite in "api", "lab":
        outcome, told = outcome_of(MENDED % FAILED, suite)
        same((outcome.passed, outcome.failures()), (1, []), f"outcome in {suite}")
        same(told, [f"again {suite} name: late: AssertionError too late"], "what is told")


def no_third_one():
    outcome, told = outcome_of("echo 'not ok a: always'; exit 1", "lab")
    same((outcome.failures(), told), (["a: always"], []), "outcome")


def none_at_all():
    """In no other suite; after no crash, no hang, no sanitizer's report."""
    for suite in "unit", "story", "swarm", "fuzz", "world", "house":
        same(outcome_of(MENDED % FAILED, suite)[1], [], f"told in {suite}")
    for fault in ("not ok late: AssertionError listen on a hangs: ...",
                  "not ok late: AssertionError waited in vain for the end",
                  FAILED + '"; kill -ABRT $$; echo "', FAILED + '"; sleep 100; echo "',
                  FAILED + '"; echo error > ${ASAN_OPTIONS##*log_path=}.1; echo "'):
        outcome, told = outcome_of(MENDED % fault, "lab", limit=1)
        same((told, bool(outcome.failures())), ([], True), f"told after {fault}")


def programs_do_not_meet():
    """Two that bind the same port at the same time, each in a network of its own."""
    if runner.private.alone(["x"]) == ["x"]:
        return "network namespaces are not allowed here"
    script = ("import socket, time; s = socket.create_server(('127.0.0.1', 1024)); time.sleep(0.5);"
              "socket.create_connection(('127.0.0.1', 1024)); print('ok', 'a')")
    test = {"name": "name", "suite": ["hopconn:unit"], "env": {}, "workdir": None, "timeout": 20,
            "is_parallel": True, "cmd": runner.private.alone([sys.executable, "-c", script])}
    with socket.socket() as here, contextlib.redirect_stdout(io.StringIO()):
        here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        here.bind(("127.0.0.1", 1024))
        here.listen()
        outcomes = runner.run_all([test, test])
    same([outcome.failures() for outcome in outcomes], [[], []], "failures")
    return None


CASES = [counts_cases, what_no_case_tells, a_second_chance, no_third_one, none_at_all,
         programs_do_not_meet]


def main():
    failed = 0
    for case in CASES:
        name = "runner: " + case.__name__.replace("_", " ")
        try:
            skipped = case()
            print(f"ok {name}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
        except AssertionError as error:
            failed += 1
            print(f"not ok {name}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
