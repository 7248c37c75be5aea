# Two commands: `make run` works in a real Odoo 19 with our addons, `make test` proves them.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) -m tools.bootstrap
export ODOO_SRC PORT

.DEFAULT_GOAL = help
.PHONY: run nodes backup restore test test-telephony test-nodes test-odoo test-upgrade bench translations lint fix lock reset help

run:  ## Odoo 19 with all addons and demo data on port 8069 (PORT=8070, ODOO_SRC=/path, PGHOST=server)
	@$(BOOTSTRAP) run

nodes:  ## the same on two Odoo nodes behind nginx, with a replica of the database: kill one and go on working
	@$(BOOTSTRAP) nodes

backup:  ## a database and its files in one archive, while people work (DB=crm, TO=folder)
	@$(BOOTSTRAP) backup $(if $(DB),--database='$(DB)') $(if $(TO),--to='$(TO)') $(if $(INCOMPLETE),--incomplete)

restore:  ## a backup becomes a database: FROM=file (DB=name; OVERWRITE=1, NEUTRALIZE=1: a copy that reaches nobody)
	@$(BOOTSTRAP) restore '$(FROM)' $(if $(DB),--database='$(DB)') $(if $(OVERWRITE),--overwrite) $(if $(NEUTRALIZE),--neutralize)

test:  ## the whole suite, or one addon's: make test ADDON=crm_base
	@$(BOOTSTRAP) test $(ADDON)

test-telephony:  ## only the telephone: the adapter, and a real call by Asterisk (fetched from Debian, 90 MB, once)
	@$(BOOTSTRAP) test telephony

test-nodes:  ## only several nodes: one is killed under load, the replica stops, scheduled actions run once
	@$(BOOTSTRAP) test nodes

test-odoo:  ## Odoo's and OCA's own tests with our addons and without: what fails only with ours? (an hour)
	@$(BOOTSTRAP) odoo_tests

test-upgrade:  ## the release before (FROM=commit) with demo data, brought to this one: is all of it there? (some minutes)
	@$(BOOTSTRAP) upgrade $(FROM)

bench:  ## every benchmark beside its peer, and benchmarks/RESULTS.md of what they found (an hour and a half)
	@$(BOOTSTRAP) prepare && .venv/bin/python -m benchmarks

translations:  ## export .pot, merge id.po and pl.po; of all addons or one: make translations ADDON=crm_base
	@$(BOOTSTRAP) translations $(ADDON)

lint:  ## all checks of style and form
	@$(BOOTSTRAP) lint

fix:  ## let ruff mend what it can
	@$(BOOTSTRAP) lint --fix

lock:  ## write constraints.txt anew from what is installed
	@$(BOOTSTRAP) lock

reset:  ## throw away the databases and their files; what was downloaded stays
	@$(PYTHON) -m tools.reset

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22
