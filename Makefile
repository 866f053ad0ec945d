# The front door. Needs only make, git and Python 3.11 or newer with venv; everything else comes from PyPI.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --locked --quiet
PYTHON := $(shell tools/python)
ifneq ($(PYTHON),)
export UV_PYTHON ?= $(PYTHON)
endif
ONCE ?=
EXTRAS := $(if $(SPARK),--group spark) $(if $(TRAIN),--group train)
PORT ?= 4020
MOBILE_PORT ?= 8550
SERVER ?= http://localhost:8000

.DEFAULT_GOAL := help
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' Makefile)

help: ## what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.tools/bin/uv:
	@echo "fetching uv from PyPI ..."
	@python3 -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.13.9,<0.14"

demo: $(UV) ## start everything here and watch a card being issued, used and explained (ONCE=1: end after the story, without the web app unless WEB=1)
	@$(UV) sync --locked --no-dev --inexact
	@$(if $(and $(ONCE),$(if $(WEB),,yes)),:,UV="$(UV)" tools/web build-if-needed || echo "The web app could not be built here; the demo goes on without it.")
	@$(UV) run --locked --no-sync cardwright demo $(if $(ONCE),--once)

reset: $(UV) ## wipe what the demo keeps
	@$(RUN) --no-dev --inexact cardwright reset

simulator: $(UV) ## start the simulated outside world alone (PORT=4020)
	@$(RUN) --no-dev --inexact python -m simulator --port $(PORT)

test: $(UV) ## run every test against its own PostgreSQL and Valkey (SPARK=1, TRAIN=1: with Spark, with LightGBM)
	@$(UV) sync --locked $(EXTRAS)
	@$(UV) run --locked --no-sync tests/run

coverage: $(UV) ## run every test, and see to it that what must be covered is
	@$(UV) sync --locked --group web --group mobile --group deploy --group cdk $(EXTRAS)
	@$(UV) run --locked --no-sync tests/run --coverage

test-races: $(UV) ## let 200 payments race for every kind of limit
	@$(UV) sync --locked
	@CARDWRIGHT_RACERS=200 $(UV) run --locked --no-sync python -m pytest tests/concurrency

fuzz-api: $(UV) ## fuzz the API until so many cases were tried (CASES=20000)
	@$(UV) sync --locked
	@CARDWRIGHT_FUZZ_CASES=$(or $(CASES),20000) $(UV) run --locked --no-sync python -m pytest tests/fuzz

pan-scan: $(UV) ## look for known card numbers in everything that is written
	@$(UV) sync --locked
	@$(UV) run --locked --no-sync python -m pytest tests/canary

ssrf: $(UV) ## try what a webhook's URL could reach inside, and show that no packet gets there
	@$(UV) sync --locked
	@PYTHONPATH=tests $(UV) run --locked --no-sync python tests/ssrf.py

bench-log: $(UV) ## time the log of a million payments on one wallet (PAYMENTS=1000000)
	@PYTHONPATH=tests $(RUN) python bench/payment_log.py $(or $(PAYMENTS),1000000)

bench-lists: $(UV) ## scroll lists of 100,000 payments in Chromium, and tell how smoothly (PAYMENTS=100000)
	@$(UV) sync --locked --inexact
	@UV="$(UV)" tools/web build-if-needed
	@PYTHONPATH=tests $(UV) run --locked --no-sync python bench/lists.py $(or $(PAYMENTS),100000)

bench-mobile: $(UV) ## time the mobile app's start, and scroll it through 10,000 payments, in Chromium (PAYMENTS=10000)
	@$(UV) sync --locked --inexact --group mobile
	@UV="$(UV)" tools/web build-if-needed
	@PYTHONPATH=tests $(UV) run --locked --no-sync python bench/mobile_app.py $(or $(PAYMENTS),10000)

bench-rules: $(UV) ## time rules beside other engines, by the hundred, and on hostile conditions
	@PYTHONPATH=tests $(RUN) --group bench python bench/rules.py

bench-proofs: $(UV) ## time proofs about 200 and 500 rules, with defects planted among them
	@PYTHONPATH=tests $(RUN) python bench/proofs.py

bench-screening: $(UV) ## tell how well 10,000 names are found on a list, and how fast (NAMES=10000)
	@PYTHONPATH=tests $(RUN) python bench/screening.py $(or $(NAMES),10000)

bench-webhooks: $(UV) ## time webhooks: queued, handed out, sent (DELIVERIES=10000)
	@PYTHONPATH=tests $(RUN) python bench/webhooks.py $(or $(DELIVERIES),10000)

bench-decision: $(UV) ## time whole decisions whose rules look at what happened before (EVENTS=600000)
	@PYTHONPATH=tests $(RUN) python bench/decision.py $(or $(EVENTS),600000)

bench-events: $(UV) ## time events from commit to inbox at a steady rate (RATE=200 SECONDS=30)
	@PYTHONPATH=tests $(RUN) python bench/events.py $(or $(RATE),200) $(or $(SECONDS),30)

crash-events: $(UV) ## kill the worker over and over while events flow, and count each (EVENTS=10000 KILLS=25)
	@PYTHONPATH=tests $(RUN) python bench/crash_events.py $(or $(EVENTS),10000) $(or $(KILLS),25)

test-fire: $(UV) ## the short form of chaos, faults and drills: a few minutes on a quiet machine
	@$(UV) sync --locked --inexact
	@$(UV) run --locked --no-sync python -m pytest tests/under_fire --numprocesses 0 --timeout 900

chaos: $(UV) ## kill processes and crash PostgreSQL under load, and compare what was acknowledged (KILLS=1000 PG=10 SEED=7 MIX=all)
	@PYTHONPATH=tests $(RUN) python bench/chaos.py $(or $(KILLS),1000) $(or $(PG),10) $(or $(SEED),7) $(or $(MIX),processes)

faults: $(UV) ## let databases, network, clock and disk fail under load, alone and in pairs, and tell what was answered (PAIRS=10 SEED=7)
	@PYTHONPATH=tests $(RUN) python bench/faults.py $(or $(PAIRS),10) $(or $(SEED),7)

simulate: $(UV) ## live wallets through days on a virtual clock and network, drawn from a seed (DAYS=1000 SEED=7; LIFE=12: that one again)
	@PYTHONPATH=tests LIFE=$(LIFE) $(RUN) python bench/simulate.py $(or $(DAYS),1000) $(or $(SEED),7)

soak: $(UV) ## keep half of what the machine can take up for long: deadlines, memory, queues (MINUTES=30)
	@PYTHONPATH=tests $(RUN) python bench/soak.py $(or $(MINUTES),30)

restore-drill: $(UV) ## lose a database under load, bring it back to a point in time, and prove the books (SECONDS=20)
	@PYTHONPATH=tests $(RUN) python bench/restore.py $(or $(SECONDS),20)

upgrade-drill: $(UV) ## let the release before and this one take turns under load, across a migration and back (SECONDS=10 FROM=commit)
	@PYTHONPATH=tests $(RUN) python bench/upgrade.py $(or $(SECONDS),10) $(FROM)

bench-score: $(UV) ## time the risk score of one payment, beside LightGBM's own answer
	@$(RUN) --group train python bench/score.py

demo-model: $(UV) ## train the demo's risk model anew, on its invented history
	@$(RUN) --group train python tools/demo_model.py

bench-backtest: $(UV) ## time rules over millions of authorizations (ROWS=5000000; QUICK=1: not 500 rules)
	@PYTHONPATH=tests $(RUN) python bench/backtest.py $(or $(ROWS),5000000) $(if $(QUICK),--quick)

fuzz-rules: $(UV) ## let Python, DuckDB, Spark and Google's CEL answer random rules (EXPRESSIONS=50000)
	@PYTHONPATH=tests $(RUN) --group spark python -m unit.rules.fuzzing $(or $(EXPRESSIONS),50000)

web: $(UV) ## build the web app into web/dist (Node 22 or newer, or else the one from PyPI)
	@UV="$(UV)" tools/web build

web-check: $(UV) ## types, lint and unit tests of the web app
	@UV="$(UV)" tools/web check

web-client: $(UV) ## write the web app's client anew from openapi.json
	@UV="$(UV)" tools/web generate

mobile: $(UV) ## serve the mobile app as Flutter web, beside the demo that runs (MOBILE_PORT=8550 SERVER=http://localhost:8000)
	@$(UV) sync --locked --no-dev --inexact --group mobile
	@echo "The mobile app is at http://127.0.0.1:$(MOBILE_PORT), best seen as narrow as a phone."
	@CARDWRIGHT_SERVER=$(SERVER) $(UV) run --locked --no-sync uvicorn --app-dir mobile asgi:app \
	  --host 127.0.0.1 --port $(MOBILE_PORT) --log-level warning

mobile-client: $(UV) ## write the mobile app's models and colours anew from openapi.json and the web app's tokens
	@$(RUN) python tools/mobile_models.py

test-browser: $(UV) ## use the web app and the mobile app in Chromium, against everything the demo starts
	@$(UV) sync --locked --inexact --group mobile
	@UV="$(UV)" tools/web build-if-needed
	@$(UV) run --locked --no-sync python -m pytest tests/web --numprocesses 0
	@$(UV) run --locked --no-sync python -m pytest tests/mobile/browser --numprocesses 0

test-deploy: $(UV) ## lint images, start what compose.yaml describes, speak to it over HTTPS; judge manifests and the stacks of AWS
	@$(UV) sync --locked --inexact --group deploy --group cdk --group web
	@CARDWRIGHT_SKIP_NOTHING=1 $(UV) run --locked --no-sync python -m pytest tests/deploy --numprocesses 0

sbom: $(UV) ## write what the product is made of as CycloneDX, with hashes and licences (INTO=dist/sbom.cdx.json)
	@$(UV) sync --locked --inexact --extra aws
	@PYTHONPATH=tools $(UV) run --locked --no-sync python -m supply.sbom "$(UV)" $(or $(INTO),dist/sbom.cdx.json)

licences: $(UV) ## write docs/licences.md anew; stops at a licence that nobody judged
	@$(UV) sync --locked --inexact --extra aws
	@PYTHONPATH=tools $(UV) run --locked --no-sync python -m supply.licences "$(UV)" > docs/licences.new && mv docs/licences.new docs/licences.md

secrets-scan: ## look for credentials in what is committed (HISTORY=1: in all that ever was)
	@PYTHONPATH=tools python3 -m supply.secrets_scan $(if $(HISTORY),--history)

wheel: $(UV) ## build the wheel twice from the last commit, and keep it in dist if both are the same bytes
	@$(UV) sync --locked --inexact --group deploy
	@PYTHONPATH=tools $(UV) run --locked --no-sync python -m supply.wheel "$(UV)" dist

checkov: $(UV) ## judge Dockerfiles, manifests and the stacks of AWS by checkov, which is fetched from PyPI (waivers: deploy/checkov.yaml)
	@$(UV) sync --locked --inexact --group cdk --group web
	@rm -rf .cardwright/checkov && mkdir -p .cardwright/checkov
	@cp -R deploy/Dockerfile deploy/Dockerfile.edge deploy/kubernetes .cardwright/checkov/
	@PATH="$$PWD/.venv/bin:$$PATH" PYTHONPATH=tests python -m deploy.synthesis .cardwright/checkov
	@cd .cardwright/checkov && BC_SKIP_MAPPING=TRUE $(abspath $(UV)) tool run --quiet --from checkov==3.3.30 checkov --config-file ../../deploy/checkov.yaml --directory .

aws-costs: $(UV) ## write what the three sizes on AWS cost into docs/guides/aws.md anew
	@sed -i '/^### small/,$$d' docs/guides/aws.md && PYTHONPATH=deploy/aws $(RUN) python -m cardwright_aws.costs >> docs/guides/aws.md

lighthouse: $(UV) ## let Lighthouse judge home, a card and the overview, as on a desk and on a phone (RUNS=3)
	@$(UV) sync --locked --inexact --group web
	@UV="$(UV)" tools/web build-if-needed
	@cd tools/lighthouse && PATH="$$PWD/../../.venv/bin:$$PATH" npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --loglevel=error
	@RUNS=$(or $(RUNS),3) PYTHONPATH=tests:tools $(UV) run --locked --no-sync python tools/lighthouse/measure.py

screenshots: $(UV) ## photograph every page of the web app, wide and narrow, light and dark (INTO=folder, IN=ar: another language)
	@$(UV) sync --locked --inexact
	@UV="$(UV)" tools/web build-if-needed
	@PYTHONPATH=tests:tools $(UV) run --locked --no-sync python -m screenshots $(or $(INTO),.cardwright/screenshots) $(if $(IN),--language $(IN))

mobile-screenshots: $(UV) ## photograph every screen of the mobile app: light, dark, right to left (INTO=folder, ONLY=card)
	@$(UV) sync --locked --inexact --group mobile
	@UV="$(UV)" tools/web build-if-needed
	@PYTHONPATH=tests:tools $(UV) run --locked --no-sync python -m mobile_screens $(or $(INTO),.cardwright/mobile-screenshots) $(if $(ONLY),--only $(ONLY))

lint: $(UV) check-lock web-check ## style, types, import contracts, lock file
	@$(UV) sync --locked --inexact --group mobile
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@PYTHONPATH=mobile $(RUN) lint-imports --no-cache

check: lint coverage test-browser ## what CI checks

check-lock: $(UV)
	@$(UV) lock --check --quiet
	@test "$$(grep -oE 'https?://[^/"]+' uv.lock | sort -u | tr '\n' ' ')" = "https://files.pythonhosted.org https://pypi.org " \
	  || { echo "uv.lock names another host than the public registry"; exit 1; }

format: $(UV) ## put the code into shape
	@$(RUN) ruff check --fix . && $(RUN) ruff format .

openapi: $(UV) ## write openapi.json anew
	@$(RUN) cardwright openapi > openapi.json

messages: $(UV) ## bring the catalogues of what people are told up to date with the templates
	@$(RUN) python tools/messages.py

email-layouts: ## build the layouts of e-mails from MJML (needs Node)
	@cd tools/mail && npm ci --no-audit --no-fund --loglevel=error && node build.mjs

email-pages: $(UV) ## photograph a set of e-mails in Chromium for docs/emails.md (CHROMIUM=chromium)
	@$(RUN) python tools/email_pages.py $(or $(CHROMIUM),$(shell command -v chromium))

audit-actions: $(UV) ## write docs/audit.md anew
	@$(RUN) cardwright audit actions > docs/audit.md

dashboards: $(UV) ## write the Grafana dashboards of deploy/observability anew
	@$(RUN) python tools/dashboards.py

events: $(UV) ## write docs/events.md anew
	@$(RUN) cardwright events > docs/events.md

permissions: $(UV) ## write docs/permissions.md anew
	@$(RUN) cardwright permissions > docs/permissions.md
