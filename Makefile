# Two commands: `make demo` and `make test`. Each does all its own set-up; a second run starts in seconds.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test soak check bench lock wheel clean

demo: $(READY)
	$(BIN)/suizhou-geo demo --out maps

test: $(READY)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# About an hour and a half. The full counts of the fourteen figures, kept in docs/reliability.md; SOAK_SEED=… for fresh seeds.
# Beside tests/reliability, what FIGURES in its conftest names, and the wheel alone in an empty environment.
SOAKED := tests/reliability tests/forecast/test_trend_contract.py tests/forecast/test_estimator.py tests/assess/test_contract.py \
	tests/maps/test_hostile_texts.py tests/maps/test_publication.py tests/reports/test_hostile_papers.py \
	tests/files/test_export.py tests/files/test_safety.py tests/test_house.py
soak: $(READY)
	SOAK=1 RECORD=1 $(BIN)/python -m pytest $(SOAKED)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# About forty minutes on two quiet processors. Every script keeps its rows in docs/benchmarks.md; one that fails stops none.
BENCHMARKS := b1_trends b2_attainment b3_batch b4_page b5_register b5_join b6_kriging b7_aqi b8_month growth classes gate \
	b_marks b_suspects b_taihu b_effort
bench: $(READY)
	failed=; for name in $(BENCHMARKS); do RECORD=1 $(BIN)/python -m benchmarks.$$name || failed="$$failed $$name"; done; \
	$(BIN)/python -m benchmarks.record; test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

# The lock is pinned by hash and names no host; pip takes the packages from wherever this machine is set up to.
$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	# Where Python writes no bytecode of itself, every process would compile the package anew.
	$(BIN)/python -m compileall -q suizhou_geo
	touch $(READY)

lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--group dev pyproject.toml -o requirements.lock

wheel: $(READY)
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf .venv .venv-peers dist
