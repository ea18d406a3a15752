# flowd is built by Meson; this is the short way to it.
#
#	make		configure and build
#	make demo	see it work
#	make check	run every test
#	make sanitize	run every test with the address and undefined
#			behaviour sanitizers; CC=clang: with those of clang
#	make bench	measure
#	make soak	kill the daemon 1,000 times; some minutes
#	make fuzz	fuzz every untrusted format, FUZZ_SECONDS each
#	make format	format FILES with clang-format; look at the result
#	make install	install under DESTDIR and PREFIX
#	make uninstall	remove what that installed
#	make clean	remove what was built
#
# Each installs what it needs from Debian's packages when it is missing.

BUILD = build
PREFIX = /usr/local
MESONFLAGS =
TESTFLAGS =
FUZZ_SECONDS = 30
FILES =

SANITIZE = -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1

all: $(BUILD)/build.ninja
	@ninja --quiet -C $(BUILD)

$(BUILD)/build.ninja:
	@sh scripts/setup build
	meson setup --prefix=$(PREFIX) $(MESONFLAGS) $(BUILD)

demo: all
	@sh scripts/demo $(BUILD)

check: all
	@sh scripts/setup test || echo "Tests that want these are skipped."
	@python3 test/run.py $(BUILD) $(TESTFLAGS)

sanitize:
	@[ "$(CC)" != clang ] || sh scripts/setup fuzz
	@$(MAKE) check BUILD=$(BUILD)-sanitize \
	    MESONFLAGS="$(MESONFLAGS) $(SANITIZE)" \
	    TESTFLAGS="--slow 4 $(TESTFLAGS)"

bench: all
	@sh scripts/setup bench
	@for b in $(BUILD)/bench/bench_*; do \
		if [ -f "$$b" ]; then "$$b" || exit 1; fi; \
	done
	@python3 bench/bench_reader.py $(BUILD)
	@python3 bench/bench_receive.py $(BUILD)
	@python3 bench/bench_loss.py $(BUILD)
	@python3 bench/bench_columnar.py $(BUILD)
	@python3 bench/bench_stats.py $(BUILD)
	@python3 bench/bench_perl.py $(BUILD)
	@python3 bench/bench_python.py $(BUILD)

soak: all
	@FLOWD_CRASHES=1000 python3 test/run.py -v --slow 40 $(BUILD) crash

fuzz:
	@sh scripts/setup build fuzz
	@sh scripts/fuzz $(BUILD)-fuzz $(FUZZ_SECONDS)

format:
	@sh scripts/setup format
	clang-format -i $(FILES)

install: all
	DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild

uninstall:
	@python3 scripts/uninstall $(BUILD) "$(DESTDIR)"

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-fuzz

.PHONY: all demo check sanitize bench soak fuzz format install uninstall clean
