# Every target makes the environment that it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
OLDEST := .venv-oldest
BENCH := .venv-bench
PIP := -m pip install --quiet --disable-pip-version-check -c constraints.txt

# Long tests in which no extra has a part; `make test` runs them.
WITHOUT_EXTRAS := tests/counterfactuals/test_promises.py tests/counterfactuals/test_random_spaces.py tests/experiments/test_runner.py tests/learners/test_design_matrix.py

# Data sets are downloaded and cached, unless a folder that holds them is named or lies next door.
COOPDISTILL_DATA ?= $(abspath $(wildcard ../shared/data))
ifneq ($(strip $(COOPDISTILL_DATA)),)
export COOPDISTILL_DATA
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test test-learners test-matrix test-browser test-oldest lint types layers docs bench matrix bench-ensembles bench-cooperation bench-generation clean

help: ## list these targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-16s %s\n", $$1, $$2 }'

demo: $(VENV)/.has-report ## the whole job on bundled data, into demo-run/
	$(VENV)/bin/coopdistill demo --out demo-run --force

test: $(VENV)/.has-test ## the tests; TESTARGS goes to pytest
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n 2 $(TESTARGS)

test-learners: $(VENV)/.has-boosters ## the tests that PyTorch, XGBoost, LightGBM, CatBoost and ONNX take part in
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n 2 tests/baselines tests/cooperation/test_presentation.py tests/counterfactuals tests/displays tests/experiments tests/interoperability tests/learners tests/report tests/saving $(addprefix --ignore ,$(WITHOUT_EXTRAS)) $(TESTARGS)

test-matrix: $(VENV)/.has-boosters ## that every learner can teach every other, in all pairs
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 COOPDISTILL_MATRIX=1 $(VENV)/bin/python -m pytest -n 2 tests/interoperability $(TESTARGS)

test-browser: docs $(VENV)/.has-browser ## pages as Chromium shows them; COOPDISTILL_SCREENSHOTS names a folder for pictures
	$(VENV)/bin/python -m pytest tests/browser $(TESTARGS)

test-oldest: $(OLDEST)/.has-test ## the tests, but those of pages, signals and terminals, on the oldest versions that we declare
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(OLDEST)/bin/python -m pytest -n 2 -p no:cacheprovider --ignore tests/documentation --ignore tests/browser --ignore tests/cli/test_resume.py --ignore tests/cli/test_terminal.py $(TESTARGS)

lint: $(VENV)/.has-lint ## style and likely mistakes
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check

types: $(VENV)/.has-types ## mypy, strict, over src
	$(VENV)/bin/mypy

layers: $(VENV)/.has-lint ## which package may import which
	$(VENV)/bin/lint-imports --no-logo

docs: $(VENV)/.has-docs $(VENV)/.has-boosters ## the documentation, its tutorials run anew, into site/
	NO_MKDOCS_2_WARNING=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(VENV)/bin/mkdocs build --strict --quiet

bench: $(VENV)/.has-package ## the heart disease benchmark
	$(VENV)/bin/python benchmarks/heart_disease.py $(BENCHARGS)

bench-ensembles: $(VENV)/.has-package ## cooperation on one table beside voting and stacking, into docs/benchmarks/ensembles.md
	$(VENV)/bin/python benchmarks/ensembles.py --out docs/benchmarks/ensembles.md $(BENCHARGS)

matrix: $(VENV)/.has-boosters ## who can teach whom: the tables in docs/interoperability.md
	PYTHONWARNINGS=ignore $(VENV)/bin/python benchmarks/interoperability.py --out docs/interoperability.md $(BENCHARGS)

bench-cooperation: $(VENV)/.has-learners ## cooperation where it is difficult, beside all baselines; BENCHARGS=--quick for five minutes
	PYTHONPATH=benchmarks $(VENV)/bin/python -m cooperation $(BENCHARGS)

bench-generation: $(BENCH)/.has-peers ## generators side by side with other libraries; BENCHARGS=--quick for ten minutes
	$(BENCH)/bin/python benchmarks/generation/run.py $(BENCHARGS)

clean: ## remove what was built or cached, but keep the environments
	rm -rf build dist site demo-run .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is made once; a stamp inside remembers what was installed and from which declarations.
$(VENV)/.has-pip $(OLDEST)/.has-pip $(BENCH)/.has-pip:
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python $(PIP) --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.has-package: pyproject.toml constraints.txt | $(VENV)/.has-pip
	$(VENV)/bin/python $(PIP) --editable .
	@touch $@

$(VENV)/.has-report: pyproject.toml constraints.txt | $(VENV)/.has-pip
	$(VENV)/bin/python $(PIP) --editable '.[report]'
	@touch $@

# XGBoost asks for a library of 200 MB by which several GPUs talk to each other.
$(VENV)/.has-boosters: $(VENV)/.has-learners
	$(VENV)/bin/python $(PIP) --no-deps 'xgboost>=2.0'
	@touch $@

$(VENV)/.has-%: pyproject.toml constraints.txt | $(VENV)/.has-pip
	$(VENV)/bin/python $(PIP) --editable . --group $*
	@touch $@

$(OLDEST)/.has-%: pyproject.toml constraints.txt constraints-oldest.txt | $(OLDEST)/.has-pip
	$(OLDEST)/bin/python $(PIP) -c constraints-oldest.txt --editable . --group $*
	@touch $@

$(BENCH)/.has-peers: pyproject.toml constraints.txt benchmarks/generation/requirements.txt | $(BENCH)/.has-pip
	$(BENCH)/bin/python $(PIP) --editable '.[torch,xgboost,lightgbm]' -r benchmarks/generation/requirements.txt
	@touch $@
