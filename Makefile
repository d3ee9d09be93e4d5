# Two commands do everything on a fresh machine: `make build` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Material prints a long notice about MkDocs 2 at every start; docs/decisions says where we stand.
export NO_MKDOCS_2_WARNING := 1

.PHONY: build serve test busy lint fuzz demo evidence truth trial bench lock clean

build: $(VENV)/.build            ## build the blog into site/, and seal what was measured
	$(BIN)/mkdocs build
	$(BIN)/sotokara seal

serve: $(VENV)/.build            ## write with a live preview
	$(BIN)/mkdocs serve

test: $(VENV)/.test              ## every test, the lab and the browser included
	tests/system-packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python -m tests.whole -n 4 --dist loadfile --no-loadscope-reorder

busy: $(VENV)/.test              ## the same beside two busy loops: no test may count seconds
	$(BIN)/python -m tests.busy $(MAKE) test

lint: $(VENV)/.test              ## the fast half of `make test`
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

fuzz: $(VENV)/.test              ## parsers and verifiers on bytes nobody meant, for long
	SOTOKARA_FUZZ=2000 $(BIN)/pytest -q tests/test_fuzz*.py tests/test_readers_roundtrip.py tests/test_readers_mangled.py tests/test_whois_cases.py

demo: $(VENV)/.test              ## build the blog, live, inside the test network
	tests/system-packages
	$(BIN)/python -m tests.lab.demo

evidence: $(VENV)/.test          ## renew the evidence of the examples, in the test network and the sandbox
	tests/system-packages
	$(BIN)/python -m tests.lab.demo --keep
	SOTOKARA_VANTAGE=sandbox SOTOKARA_ONLY='[sandbox]' $(BIN)/mkdocs build --quiet --site-dir .cache/recorded

trial: $(VENV)/.test             ## the long loops: kills of builds, runs, seals and workers; 100,000 outcomes alone and in a crowd; 2 GB of subjects; the lab's whole article 20 times; ten years of a blog; the suite under ProperDocs
	tests/system-packages
	SOTOKARA_KILLS=300 $(BIN)/pytest tests/test_build_faults.py tests/test_seal_faults.py
	SOTOKARA_KILLS=200 $(BIN)/pytest --timeout 7200 tests/test_cluster.py
	$(BIN)/python -m tests.bench outcomes subjects
	$(BIN)/python -m tests.truth.trial
	$(BIN)/python -m tests.years
	$(BIN)/python -m tests.page_trial
	SOTOKARA_GENERATOR=properdocs $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

truth: $(VENV)/.test             ## faults of our own side: what the page says of each
	tests/system-packages
	$(BIN)/python -m tests.truth

bench: $(VENV)/.bench            ## the README's figures, as ratios measured in one run
	tests/system-packages
	$(BIN)/python -m tests.bench

# uv compiles the locks; they name no index, so any mirror serves. Each is complete and installed with
# --no-deps: pip then asks nothing of releases newer than the lock.
lock:                            ## renew requirements/*.txt
	requirements/lock

$(VENV)/.build: requirements/build.txt requirements/bulk.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Sotokara needs Python 3.11 or newer; set PYTHON=python3.x'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo 'python3 -m venv failed: on Debian and Ubuntu, install python3-venv'; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/build.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r requirements/bulk.txt || echo 'There is no pyarrow for this Python yet: the page on many subjects shows what was recorded.'
	@touch $@

$(VENV)/.test: $(VENV)/.build requirements/test.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/test.txt
	$(BIN)/pip check
	@touch $@

$(VENV)/.bench: $(VENV)/.test requirements/bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

clean:
	rm -rf $(VENV) site .cache
