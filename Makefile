# 两条常用命令：make demo 看一遍，make test 查一遍。make help 列出全部。
# 新机器上只要有 Python 3.11 以上、make 和网络；依赖按锁文件里的哈希安装在 .venv，不动系统里的 Python。

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
# 有的机器不让 Python 存编译结果：那样测试启动的每个进程都要重新编译全部模块
export PYTHONDONTWRITEBYTECODE :=

V := .venv/bin
ASSETS := console/pages/static/vendor/licences.txt
PACKAGES := bot console intents routing knowledge_base residents store
JOBS ?= 3
ONCE ?=

# 找第一个能用的 Python（3.11 以上）；也可以 make test PY=/路径/python3
ifndef PY
PY := $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$name; break; }; done)
endif

say_and_stop = { echo "$(1)" >&2; exit 1; }
no_network = $(call say_and_stop,安装依赖没有成功：请看上面的原因。多半是网络不通，或 pip 没有配置可用的软件源；好了再运行一次即可。)

# uv 不读 pip 的配置：单位内网给 pip 配了软件源的，也交给 uv
uv_install = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$($(V)/pip config get global.index-url 2>/dev/null || true)}" \
	$(V)/uv pip install -q --python $(V)/python

# $(1)：Debian 软件包。缺什么用一句话说清
define apt_install
command -v apt-get >/dev/null || $(call say_and_stop,缺少 $(1)，本机没有 apt-get：请用系统自己的方法装上再来。); \
if [ "$$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null; then sudo=sudo; \
else $(call say_and_stop,缺少 $(1)，安装要管理员权限，而本机没有 sudo：请管理员运行 apt-get install $(1)。); fi; \
{ $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); } \
|| $(call say_and_stop,apt-get 没有装上 $(1)：请看上面的原因（多半是网络不通），好了再运行一次。)
endef

.PHONY: help demo tour test check lint types bench deep models lock clean postgres browser assets

help: ## 列出全部命令
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.base ## 演示：装好、建一座示范城市、走一遍真实对话，然后一直运行；ONCE=1 走完就退出
	@if command -v npm >/dev/null; then $(MAKE) assets || echo "网页的图表、地图这次没有做出来（原因见上），其余照常。"; \
	else echo "本机没有 npm：网页照常能用，只是没有图表和地图；装上 Node.js 再运行一次就有。"; fi
	@$(V)/jieying demo $(if $(ONCE),--once)

tour: .venv/.test browser assets ## 把 docs/tour.md 里的图重做一遍：在示范城市里跟着一件事走
	@$(V)/python -m tests.browser.tour

# 类型检查和测试同时做，用的是测试等进程的工夫；它的话最后一起说，两边都要通过
test: .venv/.test postgres browser assets lint ## 全部检查和测试
	@said=$$(mktemp); trap 'rm -f "$$said"' EXIT; \
	nice $(MAKE) types >"$$said" 2>&1 & checking=$$!; \
	failed=0; $(V)/python -m pytest -n $(JOBS) --dist worksteal || failed=$$?; \
	wait $$checking || failed=$$?; cat "$$said"; exit $$failed

check: lint types ## 只做静态检查：格式、写法、类型、包之间的边界

lint: .venv/.test
	@$(V)/ruff format --check .
	@$(V)/ruff check .
	@$(V)/lint-imports

types: .venv/.test
	@$(V)/mypy $(addprefix -p ,$(PACKAGES))

bench: .venv/.test ## 量一遍：bench/ 里的每个脚本依次运行，打印表格
	@for file in bench/*.py; do case $$file in bench/fit_*) continue;; esac; echo "== $$file"; $(V)/python "$$file"; done

deep: .venv/.test postgres check ## 耗时的长测试：一万条变异报文、整套杀进程和断点、属性测试跑十遍
	@JIEYING_MUTATIONS=10000 $(V)/python -m pytest -n $(JOBS) --deep tests/faults tests/property tests/contract
	@$(V)/python -m pytest -n $(JOBS) --deep -m 'deep or deep_on_postgres' --ignore tests/faults --ignore tests/property --ignore tests/contract
	@for round in 1 2 3 4 5 6 7 8 9 10; do $(V)/python -m pytest -n $(JOBS) --hypothesis-seed=$$RANDOM tests/unit; done

models: .venv/.test ## 重新学一遍随软件发布的模型（knowledge_base/models/），用的都是我们自己写的句子
	@$(V)/python bench/fit_models.py
	@$(V)/python bench/fit_rarity.py
	@$(V)/python bench/fit_senses.py
	@$(V)/python bench/fit_confidence.py

postgres: ## 测试要用的 PostgreSQL 程序，没有就装
	@if [ -z "$${JIEYING_TEST_POSTGRES:-}" ] && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! command -v initdb >/dev/null; then \
		$(call apt_install,postgresql); fi

browser: ## 测试要用的 Chromium 和中文字体，没有就装；也可以用 JIEYING_TEST_CHROMIUM 指明一个
	@if [ -z "$${JIEYING_TEST_CHROMIUM:-}" ] && ! { command -v chromium-headless-shell chromium >/dev/null && compgen -G '/usr/share/fonts/*/*/*CJK*' >/dev/null; }; then \
		$(call apt_install,chromium-headless-shell fonts-noto-cjk); fi

assets: $(ASSETS) ## 网页用到的别人的库（图表、地图……）：由 npm 按锁文件装好，打成几个文件
	@:

node_modules/.package-lock.json: package-lock.json .npmrc
	@if ! command -v npm >/dev/null; then $(call apt_install,npm); fi
	@npm ci --silent || $(call say_and_stop,npm 没有装上网页用到的库：请看上面的原因（多半是网络不通，或 npm 没有配置可用的软件源），好了再运行一次。)
	@touch $@

$(ASSETS): node_modules/.package-lock.json console/pages/build.mjs console/pages/charts.mjs
	@npm run --silent build || $(call say_and_stop,网页用到的库没有打成文件：请看上面的原因。)

lock: .venv/.tools ## 按 pyproject.toml 重新锁定依赖（带哈希）
	@$(V)/uv pip compile -q --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	@$(V)/uv pip compile -q --universal --generate-hashes --no-header pyproject.toml --extra learn --extra semantic --extra test -o requirements-test.lock
	@$(V)/uv pip compile -q --universal --generate-hashes --no-header requirements-tools.in -o requirements-tools.lock

clean: ## 删掉能重新做出来的东西（不碰 data/）
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build node_modules console/pages/static/vendor
	@find $(PACKAGES) tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.tools: requirements-tools.lock
	@[ -n "$(PY)" ] || $(call say_and_stop,没有找到 Python 3.11 以上的版本：请先安装，或用 make PY=/路径/python3 指明。)
	@if ! $(PY) -c 'import ensurepip, venv' 2>/dev/null; then \
		package=$$($(PY) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); $(call apt_install,$$package); fi
	@$(PY) -m venv .venv || $(call say_and_stop,建立 .venv 没有成功：请看上面的原因。)
	@$(V)/pip install -q --disable-pip-version-check --require-hashes -r $< || $(no_network)
	@touch $@

.venv/.base: .venv/.tools requirements.lock pyproject.toml
	@$(uv_install) --require-hashes --no-build-isolation --compile-bytecode -r requirements.lock || $(no_network)
	@$(uv_install) --no-deps --no-build-isolation --compile-bytecode -e . || $(call say_and_stop,安装本软件自己没有成功：请看上面的原因。)
	@touch $@

.venv/.test: .venv/.base requirements-test.lock
	@$(uv_install) --require-hashes --no-build-isolation --compile-bytecode -r requirements-test.lock || $(no_network)
	@touch $@
