from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.hazards import hazards
from intents.tiers import CALM, Reading, TierSettings, _is_calm_letter, _read_hazard, read_tier

RED = {
    "fire": ["我家着火了", "家里着火了怎么办", "5号楼厨房冒浓烟快来人", "楼道里电动车起火了", "着火啦快来", "昨晚的火到现在还在烧，着火了", "我家之前装修的线着火了快来"],
    "gas": ["闻到很大的煤气味", "天然气泄漏了", "煤气漏了怎么办啊", "厨房有煤气味", "煤气中毒了，两个人叫不醒"],
    "trapped": ["有人困在电梯里了", "电梯困人", "我们被困在电梯里了", "孩子反锁在家里了", "救命，电梯卡住了出不来"],
    "violence": ["楼下有人拿刀砍人", "门口打起来了", "隔壁在打架，手里拿着刀", "有人正在抢劫"],
    "family_violence": ["老公正在打我", "邻居在打老婆，打得很凶", "我爸喝多了要打死我"],
    "child": ["我孩子走丢了", "小女儿在广场上不见了"],
    "collapse": ["围墙塌了压到人了", "老屋快要塌了", "脚手架倒了"],
    "drowning": ["有小孩掉进河里了", "有人溺水", "河里有人喊救命"],
    "electric_shock": ["有人触电了", "电线杆上噼里啪啦冒火花，电线打火花"],
    "traffic": ["刚刚撞车了有人受伤", "有老人被车撞倒了"],
    "medical": ["广场上有个大爷突然晕倒了", "我妈没有呼吸了", "老人走着走着昏倒了", "他喝了农药"],
    "suicide_attempt": ["有人要跳楼", "有人要跳楼，安泰花园5号楼顶", "我妈站在楼顶不下来", "邻居闹着要跳楼"],
    "self_harm": ["真想死啊", "我真的不想再活了", "活着真没劲", "想从天台跳下去", "还不如死了算了", "我准备上吊", "囤了半瓶安眠药", "这日子活不下去了", "想了断自己"],
}  # fmt: skip

CALM_TEXTS = [
    # over
    "昨天着火已经扑灭了", "上个月楼里起火，墙现在还黑着", "去年有人溺水", "2023年5月3日车间着火了", "这里发生过火灾", "孩子已经找到了，没事了",
    # supposed
    "发现着火怎么办", "如果着火了消防车进不来", "怕电动车起火", "楼道堆杂物容易着火", "消防通道堵了万一着火怎么办", "遇到火灾怎么逃生", "没着火", "会不会爆炸",
    "打架怎么处罚", "家暴怎么取证", "触电怎么急救", "有人溺水怎么救", "小区没有消防栓，着火了谁负责",
    # told
    "看电影里着火了", "社区搞消防演练，模拟楼里着火了", "新闻说那边爆炸了",
    # idioms and business
    "打架子鼓太吵", "笑死人了", "累死我了", "燃气开户需要什么", "手机死机", "消防证怎么办", "我想死你了", "跳楼价大甩卖", "煤气罐怎么换", "火锅店油烟大", "烧烤摊冒烟呛人",
    "晕倒", "你发火了", "他的歌火了", "天气热死人", "燃气费怎么交", "嗓子冒烟了", "",
]  # fmt: skip

ORANGE = {
    "outage": ["我们小区停水了", "家里没电了，整栋楼停电", "暖气不热", "水管爆了"],
    "danger": ["路上的井盖没了", "电线垂下来了", "消防通道被占", "有人高空抛物", "外墙砖往下掉", "路面塌了个坑", "门口大树要倒了"],
}


@pytest.mark.parametrize(("hazard", "text"), [(hazard, text) for hazard, texts in RED.items() for text in texts])
def test_danger_to_life_now_is_red(hazard: str, text: str) -> None:
    reading = read_tier(text)

    assert (reading.tier, reading.hazard) == ("red", hazard)
    assert reading.why[0].startswith(f"{hazard}=")


@pytest.mark.parametrize("text", CALM_TEXTS)
def test_past_supposed_told_and_idiom_are_not_red(text: str) -> None:
    assert read_tier(text).tier == "none"


@pytest.mark.parametrize(("hazard", "text"), [(hazard, text) for hazard, texts in ORANGE.items() for text in texts])
def test_outages_and_hazards_are_orange(hazard: str, text: str) -> None:
    assert (read_tier(text).tier, read_tier(text).hazard) == ("orange", hazard)


@pytest.mark.parametrize("text", ["停水通知在哪里看", "停电怎么报修", "昨天停水了，今天好了", "担心外墙砖往下掉"])
def test_a_question_or_a_worry_is_not_orange(text: str) -> None:
    assert read_tier(text).tier == "none"


LETTER = (
    "尊敬的领导：我们是东门小区的住户。小区建成二十年，电线老化严重，去年七号楼着火了，烧掉两户人家，消防车因为通道被车堵住进不来，"
    "大家到现在想起来都害怕。今年物业仍然没有整改，电动车还是在楼道里充电，一旦起火后果不堪设想。我们多次向社区反映都没有结果，"
    "恳请上级部门尽快派人来看看，把充电棚建起来，把通道清出来。谢谢！"
)


def test_a_long_letter_about_a_past_fire_is_not_red() -> None:
    assert len(LETTER) > 120
    assert read_tier(LETTER).tier != "red"


def test_a_long_letter_that_cries_for_help_is_red() -> None:
    assert read_tier(LETTER + "现在七号楼又着火了，快来人！").tier == "red"


def test_what_is_over_is_said_to_be_over() -> None:
    assert read_tier("昨天着火了，已经扑灭").past is True
    assert read_tier("我家着火了").past is False


def test_violence_at_home_stays_urgent_when_it_was_yesterday() -> None:
    reading = read_tier("昨天老公打我了，拿着刀打我")

    assert (reading.tier, reading.past, reading.private) == ("orange", True, True)


def test_only_private_distress_is_private() -> None:
    assert {hazard.name for hazard in hazards() if hazard.private} == {"suicide_attempt", "self_harm", "family_violence", "child"}
    assert read_tier("不想活了").private is True
    assert read_tier("我家着火了").private is False


def test_every_red_hazard_has_a_number_to_call() -> None:
    assert [hazard.name for hazard in hazards() if hazard.tier == "red" and not hazard.numbers] == []


@given(st.text(max_size=300))
def test_any_text_has_a_reading(text: str) -> None:
    reading = read_tier(text)

    assert isinstance(reading, Reading)
    assert reading.hazard != "" or reading == CALM


@given(st.sampled_from("，。！ 啊哦…"), st.sampled_from([text for texts in RED.values() for text in texts]))
def test_a_sound_after_it_does_not_hide_danger(sound: str, text: str) -> None:
    assert read_tier(text + sound).tier == "red"


@given(parts=st.lists(st.sampled_from([*(line for lines in RED.values() for line in lines), *CALM_TEXTS]), min_size=1, max_size=4))
def test_leaving_out_what_a_calm_letter_cannot_hold_changes_no_reading(parts: list[str]) -> None:
    letter = "。".join(["我们小区的物业管理长期不到位，希望有关部门重视起来" * 5, *parts])
    settings = TierSettings()

    in_full = [_read_hazard(letter, hazard, settings) for hazard in hazards() if hazard.tier == "red" and not hazard.plain]

    if _is_calm_letter(letter, settings):
        assert [reading for reading in in_full if reading != CALM] == []
