# Everything starts here. Each target first sees to it that .venv holds what it needs (dev/setup_env.py: at once when nothing has changed).
PYTHON ?= python3
EXTRA ?= dev
ARGS ?=
LESSON ?= nbs/course/01_quickstart.ipynb
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo lab test check docs setup

# A Python that the caller named (make PYTHON=...) is the one .venv must be made with; the default one only has to be able to.
named := $(if $(filter-out file,$(origin PYTHON)),--this-python)
ready = @command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) on the path: install Python 3.11-3.13, or: make PYTHON=/path/to/python3.13"; exit 1; }; \
	"$(PYTHON)" dev/setup_env.py $(named)

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /\1\t/' | while IFS=$$'\t' read -r t d; do printf '  make %-7s %s\n' "$$t" "$$d"; done

demo: ## fine-tune the embedded model and see whether it helped, in the terminal
	$(ready) core
	@.venv/bin/ftcourse demo $(ARGS)

lab: ## open the course in JupyterLab (prints the address when there is no browser)
	$(ready) lab
	@options=(); [ "$$(id -u)" != 0 ] || options+=(--allow-root); \
	if [ "$$(uname)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY$$BROWSER$$WSL_DISTRO_NAME" ]; then \
	  options+=(--no-browser); echo "No display here: JupyterLab prints its address below, open it in a browser."; fi; \
	exec .venv/bin/python -m jupyterlab "$${options[@]}" --ServerApp.root_dir="$$PWD" --LabApp.default_url=/lab/tree/$(LESSON) $(ARGS)

test: ## everything CI runs
	$(ready) dev
	@.venv/bin/python dev/test.py $(ARGS)

check: ## the part of it that your change touches, without slow tests: about a minute
	$(ready) dev
	@.venv/bin/python dev/test.py --quick $(ARGS)

docs: ## README.md and the site in _docs/
	$(ready) dev
	@.venv/bin/python dev/docs.py --readme && .venv/bin/python dev/docs.py $(ARGS)

setup: ## make or mend .venv only (EXTRA=core, lab or dev)
	$(ready) $(EXTRA)
