# Everything that one does with a checkout. The build itself is CMake's: see CMakePresets.json.
#
#   make run      build, then start a server on this machine with ready accounts (data in ./data)
#   make test     release build, unit and scenario tests, headers that stand alone, real clients
#   make bench    benchmarks beside their budgets
#   make fuzz     each fuzzer for FUZZ_SECONDS (60)
#   make tidy     clang-tidy over all sources        make format   clang-format over all sources
#   make asan     all tests under address and undefined sanitizers       make tsan   under the thread sanitizer
#   make clean    remove ./build (never ./data)

JOBS ?= $(shell nproc)
DATA ?= data
FUZZ_SECONDS ?= 60
BUILD = cmake --build build/$(1) --parallel $(JOBS)
CTEST = ctest --test-dir build/$(1) --output-on-failure --parallel $(JOBS) --timeout 300 --no-tests=error

.PHONY: run build test bench fuzz tidy format format-check docs asan tsan clean FORCE
.DEFAULT_GOAL := build

build/%/build.ninja: FORCE
	@[ -f $@ ] || cmake --preset $*

build: packages-build build/release/build.ninja
	$(call BUILD,release) --target hongyan

run: build
	@exec build/release/hongyan serve --data $(DATA)

test: packages-build packages-test build/release/build.ninja
	$(call BUILD,release)
	$(call BUILD,release) --target headers
	$(call CTEST,release)
	@if [ -x tests/client/run ]; then tests/client/run build/release/hongyan; fi

bench: packages-build build/release/build.ninja
	$(call BUILD,release)
	@if [ -x bench/run ]; then bench/run build/release; else echo "no benchmarks yet"; fi

asan tsan: %: packages-build packages-develop build/%/build.ninja
	$(call BUILD,$*)
	$(call CTEST,$*)

fuzz: packages-build packages-develop build/fuzz/build.ninja
	$(call BUILD,fuzz)
	tools/fuzz build/fuzz $(FUZZ_SECONDS)

tidy: packages-build packages-develop build/release/build.ninja
	tools/tidy build/release

format: packages-develop
	tools/format

format-check: packages-develop
	tools/format --check

# The pages that are made from the code.
docs: build
	build/release/hongyan check --reference > docs/configuration.md

packages-%: FORCE
	@tools/bootstrap $*

clean:
	rm -rf build
