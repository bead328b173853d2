# SPDX-License-Identifier: MIT
# The short commands; meson and ninja do the work (tools/tree). Each command first installs what it
# needs and does not find (tools/setup). Options of demo and bench: make bench ARGS=--quick.
PREFIX ?= /usr/local
export DESTDIR
# Of make fuzz: so long for each target, and which (all).
SECONDS ?= 600
TARGET ?=
VALGRIND = -q --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=99

.PHONY: all demo test test-trees accept swarm mutants pictures valgrind tsan tidy format fuzz
.PHONY: bench coverage install clean help

all:
	@tools/setup build
	@tools/tree plain

demo:
	@tools/setup demo
	@tools/tree plain
	@lab/demo.py $(ARGS)

test: test-trees
	@tools/test

# All that tools/test needs.
test-trees:
	@tools/setup test
	@tools/tree plain
	@tools/tree asan

# Only the stories that ARGS names, or all: tests/story/NN-name.story.
accept:
	@tools/setup test
	@tools/tree asan
	@HOP_SOURCE=. build-asan/tests/story/story --accept $(ARGS)

# COUNT attempts in random worlds from SEED on; the same seed is the same world everywhere.
SEED ?= 1
COUNT ?= 100000
swarm:
	@tools/setup test
	@tools/tree asan
	@build-asan/tests/swarm/swarm-fast $(SEED) $(COUNT)

# Breaks the core in some ways, one after the other: does a story or the swarm notice?
mutants: all
	@tools/setup test
	@tools/mutants $(ARGS)

# Short: valgrind slows a test down by ten to fifty. What it finds beyond the sanitizers is the use
# of memory that was never set.
VALGRINDED = address cursor description hello message ticket stun secure tls conn_queue delivery \
	rendezvous life manual conn_contract conn_faults
valgrind:
	@tools/setup valgrind
	@tools/tree valgrind
	@tools/test --tree build-valgrind --suite unit --suite api --under 'valgrind $(VALGRIND)' \
		$(VALGRINDED)

# Who shares something between threads: the cancel token, and the command's two directions.
tsan:
	@tools/setup test
	@tools/tree tsan
	@tools/test --tree build-tsan delivery conn_contract conn_many cli tunnel

tidy:
	@tools/setup test
	@tools/tree plain
	@tools/tidy

format:
	@tools/setup test
	@tools/tidy --format

fuzz:
	@tools/setup test
	@tools/tree asan
	@tools/fuzz $(SECONDS) $(TARGET)

bench:
	@tools/setup bench
	@tools/tree plain
	@bench/bench.py $(ARGS)

coverage:
	@tools/setup coverage
	@tools/coverage

pictures:
	@tools/setup pictures
	@tools/tree asan
	@HOP_SOURCE=. build-asan/tests/story/story-pictures --write
	@HOP_BUILD=build-asan tests/story/states.py --write

install:
	@test -f build/build.ninja || $(MAKE) all
	@tools/tree install $(PREFIX)

clean:
	rm -rf build build-asan build-coverage build-valgrind build-tsan

help:
	@echo 'make            build everything into build/; the program is build/hopconn'
	@echo 'make demo       two programs behind two NATs, connected, with the story told'
	@echo 'make test       tidy, unit, API and lab tests, with sanitizers (build-asan/)'
	@echo 'make accept     write what happens now into the stories of tests/story/'
	@echo 'make swarm      random worlds, judged: SEED=1 COUNT=100000 attempts'
	@echo 'make mutants    the core broken on purpose: what notices?'
	@echo 'make valgrind   the unit and API tests that make sense there, by valgrind (build-valgrind/)'
	@echo 'make tsan       ... where threads meet, by the thread sanitizer (build-tsan/)'
	@echo 'make tidy       only the checks of the house: format, includes, purity, names, sizes'
	@echo 'make format     put all C files into the format that tidy wants'
	@echo 'make fuzz       feed the decoders and minds with anything, SECONDS=600 for each TARGET=...'
	@echo 'make bench      measure: time to connect, throughput, memory'
	@echo 'make coverage   what of the pure folders the tests reach (build-coverage/)'
	@echo 'make pictures   draw the stories (docs/stories) and the state machines (docs/states) anew'
	@echo 'make install    install below PREFIX (/usr/local), inside DESTDIR if that is set'
	@echo 'make clean      remove what was built'
