from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.hearing import Known, find_chatter, hear, is_about_keeper, is_office
from intents.listening import GroupSettings
from intents.tiers import read_tier
from knowledge_base.text import normalize

ENOUGH = GroupSettings().enough


def weigh(text: str, **known: object) -> float:
    normal = normalize(text)
    return hear(normal, Known(reading=read_tier(normal), **known)).score  # type: ignore[arg-type]  # the tests name the fields


@pytest.mark.parametrize(
    "text",
    [
        "北门外面人行道上那个井盖裂了一大块，一踩就翘，推婴儿车差点陷进去",
        "3号楼二单元楼道里又有人拉线充电瓶车，插排烫手",
        "湖边那一段路灯全灭了，有三四天了，天天摸黑",
        "后门垃圾站旁边建筑垃圾堆了一个多星期，都快堵到路上了",
        "有人冒充燃气公司的上门卖报警器，隔壁张奶奶被骗了八百",
        "菜场北门下水道冒黑水，漫得一地都是，臭得不行",
        "我们这栋停水一天了，楼上楼下都没水，打电话没人管",
    ],
)
def test_what_somebody_has_to_see_to_is_heard(text: str) -> None:
    assert weigh(text, evidence=0.6) >= ENOUGH


@pytest.mark.parametrize(
    "text",
    [
        "谁家有好一点的修空调师傅推荐一下，我家空调不制冷了",
        "昨晚停电我摸黑把酱油当醋喝了一口，哈哈哈",
        "去年这时候半夜水管爆了，全楼接水，后来换了新管子再没爆过",
        "听说东门小区那边下水道冒水，不知道真假",
        "要是着火了电梯能不能坐啊，孩子作业问的",
        "你家凭什么说我家违建，有证据拿出来",
        "楼道灯泡我换了一个，大家走路跺脚就亮",
        "电梯修好了，谢谢师傅",
        "谁把早饭忘在电梯里了",
        "路灯",
        "坏了",
        "",
    ],
)
def test_what_only_sounds_like_it_is_not(text: str) -> None:
    assert weigh(text, evidence=0.6) < ENOUGH


@pytest.mark.parametrize(
    ("text", "noise"),
    [
        ("#接龙 1. 小吴 垃圾袋 2. 老冯 路灯款台灯", "chain"),
        ("收到收到", "chain"),
        ("[红包]恭喜发财", "packet"),
        ("【通知】尊敬的业主，周四9点至17点停水，敬请谅解", "notice"),
        ("@所有人 明天电梯检修", "notice"),
        ("[链接]《某小区半夜停电，业主被困电梯两小时》", "packet"),
        ("转：【今日起路口限行，违者罚款】", "relay"),
        ("网上说外地有个小区电梯坏了", "relay"),
        ("【急售】3号楼 电梯房 满五唯一", "notice"),
        ("高价上门回收旧冰箱旧电视", "trade"),
    ],
)
def test_the_noise_of_groups_weighs_nothing(text: str, noise: str) -> None:
    heard = hear(normalize(text))

    assert (heard.score, heard.noise) == (0.0, noise)


def test_a_price_in_a_swindle_makes_no_advert_of_it() -> None:
    assert hear(normalize("两个人冒充消防公司，让我买灭火器800元一个，不买就封店")).noise == ""


@pytest.mark.parametrize(
    ("text", "settles"),
    [("来电了来电了", "done"), ("已经修好了", "done"), ("不好意思，马上下来挪", "excuse"), ("还没修好", ""), ("好吃", "")],
)
def test_what_puts_a_matter_right_is_told_from_what_does_not(text: str, settles: str) -> None:
    assert hear(normalize(text)).settles == settles


def test_a_line_says_what_weighed_for_and_against_it() -> None:
    why = [line.partition("=")[0] for line in hear("听说北门路灯坏了").why]

    assert {"thing", "trouble", "hearsay", "length"} <= set(why)


@pytest.mark.parametrize(
    ("text", "is_about"), [("网格员不管事，态度恶劣", True), ("网格员小蒋路灯坏了能来看看吗", False), ("物业不管事", False)]
)
def test_what_accuses_the_grid_worker_is_told_apart(text: str, is_about: bool) -> None:
    assert is_about_keeper(text) is is_about


@pytest.mark.parametrize(
    ("name", "office"), [("听涛管家小周", True), ("网格小蒋", True), ("3栋李姐", False), ("5-301支持物业", False), ("", False)]
)
def test_whoever_speaks_for_the_property_company_is_told_by_the_name(name: str, office: bool) -> None:
    assert is_office(name) is office


@given(text=st.text(max_size=80))
def test_any_text_can_be_weighed(text: str) -> None:
    heard = hear(normalize(text))

    assert heard.score == 0.0 or not heard.noise


@given(text=st.text(alphabet="路灯井盖坏了三天没人管北门", max_size=40))
def test_a_joke_never_makes_it_more_of_a_matter(text: str) -> None:
    assert hear(f"{text}笑死我了哈哈哈").score <= hear(f"{text}就在这边上那儿").score


def test_a_list_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError):
        find_chatter("gossip", "x")


BORDERLINE = "湖边路灯有两盏不亮"


def test_what_was_learned_speaks_for_and_against_a_matter() -> None:
    unasked = weigh(BORDERLINE)

    assert weigh(BORDERLINE, request=1.0) > unasked > weigh(BORDERLINE, request=-1.0)
    assert weigh(BORDERLINE, request=0.4) == unasked
    assert weigh(BORDERLINE, request=3.0) == weigh(BORDERLINE, request=1.0)
    assert weigh(BORDERLINE, request=-3.0) == weigh(BORDERLINE, request=-1.0)


def test_what_was_learned_is_named_among_the_reasons() -> None:
    assert "request=" in hear(BORDERLINE, Known(request=1.0)).why
    assert "talk=" in hear(BORDERLINE, Known(request=-1.0)).why
    assert not {"request=", "talk="} & set(hear(BORDERLINE).why)


def test_what_was_learned_never_outweighs_that_a_line_is_an_advert() -> None:
    assert hear("#接龙 1. 小吴 垃圾袋 2. 老冯 路灯款台灯", Known(request=3.0)).score == 0.0
