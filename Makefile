# On a fresh Debian 12 machine with Swift: `make demo` shows Fathom at work, `make test` proves it.
# Both install what they miss, and a second run of either is quick.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# One set of flags for everything, so that SwiftPM builds everything once; `swift test` would add
# its own, hence --skip-build. Tests are built for release too: arithmetic in a debug build is far
# too slow.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
FATHOM := .build/release/fathom
VENV := .venv
BENCH := .build/bench
BENCH_MODELS := $(if $(QUICK),gpt2,gpt2 gpt2-medium)

.PHONY: help
help: ## Say what there is.
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1	\2/p' Makefile | expand -t 16

.PHONY: demo
demo: build $(VENV)/ready ## Execute the quickstart notebook; the result is in demo/.
	@$(FATHOM) install --prefix $(VENV)
	@mkdir -p demo
	@cp notebooks/quickstart.ipynb demo/quickstart.ipynb
	@$(VENV)/bin/python -m jupyter nbconvert --execute --inplace demo/quickstart.ipynb
	@$(VENV)/bin/python -m jupyter nbconvert --to html demo/quickstart.ipynb
	@echo
	@echo "The executed notebook: $$PWD/demo/quickstart.html (and .ipynb)"

.PHONY: test
test: system $(VENV)/ready ## Prove everything: rooms, real Jupyter clients, notebooks, style.
	swift build $(SWIFT_FLAGS) --build-tests
	swift test --skip-build $(SWIFT_FLAGS)
	$(VENV)/bin/python -m pytest --quiet Tests/Clients --kernel-command '$(FATHOM) kernel {connection_file}'
	swift format lint --strict --recursive Sources Tests Package.swift
	@echo "All tests have passed."

# Of each of ten kinds.
FUZZ_CASES := 30000

.PHONY: fuzz
fuzz: system ## Read some 300,000 wrong files; watch for crashes, time and memory.
	swift build $(SWIFT_FLAGS) --build-tests
	FATHOM_FUZZ=$(FUZZ_CASES) swift test --skip-build $(SWIFT_FLAGS) --no-parallel \
	  --filter 'FuzzTests'

.PHONY: build
build: system ## Build the executable, .build/release/fathom.
	swift build $(SWIFT_FLAGS) --product fathom

.PHONY: install
install: build ## Make the kernel known to Jupyter, for this user.
	@$(FATHOM) install --user

.PHONY: bench
bench: system .venv-bench/ready $(BENCH_MODELS:%=$(BENCH)/%/config.json) ## Measure against PyTorch; QUICK=1 for a short look.
	swift build $(SWIFT_FLAGS) --product saliency-benchmark
	.venv-bench/bin/python Benchmarks/compare.py --ours .build/release/saliency-benchmark \
	  $(if $(QUICK),--quick) $(BENCH_MODELS:%=$(BENCH)/%)
	swift build $(SWIFT_FLAGS) --product reweighting-benchmark
	.venv-bench/bin/python Benchmarks/reweighting.py --ours .build/release/reweighting-benchmark \
	  $(if $(QUICK),--quick) $(BENCH)/gpt2
	.venv-bench/bin/python Benchmarks/compress.py --ours .build/release/saliency-benchmark $(BENCH)/gpt2

.PHONY: clean
clean: ## Remove everything that was made here.
	rm -rf .build .venv .venv-bench demo notebooks/results

# What Debian has to provide. Asked of the tools themselves, so that other systems pass as well.
# libcurl is loaded when a model is fetched, so that its library is enough.
PACKAGES := libopenblas-dev libzmq3-dev libcurl4 ca-certificates pkg-config python3 python3-venv

.PHONY: system
system:
	@command -v swift > /dev/null || { echo "Fathom needs Swift 6.1 or later: https://www.swift.org/install"; exit 1; }
	@if ! { pkg-config --exists openblas libzmq \
	  && python3 -c 'import ensurepip, venv, ctypes.util; assert ctypes.util.find_library("curl")'; \
	  } 2> /dev/null; then \
	  echo "Installing $(PACKAGES)"; \
	  if ! command -v apt-get > /dev/null; then \
	    echo "There is no apt-get here; install the equivalents of these packages first."; exit 1; \
	  fi; \
	  as_root=; if test "$$(id -u)" != 0; then as_root=sudo; fi; \
	  $$as_root apt-get update -qq; \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(PACKAGES) > /dev/null; \
	fi

# `ready` is written last: an installation that was cut short is begun again.
$(VENV)/ready: Tests/Clients/requirements.txt | system
	python3 -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv-bench/ready: Benchmarks/requirements.txt | system
	python3 -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(BENCH)/%/config.json: Benchmarks/make_checkpoint.py .venv-bench/ready
	.venv-bench/bin/python $< $* $(@D)
