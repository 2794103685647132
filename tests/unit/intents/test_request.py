"""The shipped gate, which was learned from our own lines: it takes requests and questions, and lets pass what neighbours say to each other."""

from __future__ import annotations

import pytest

from intents.request import read_features, weigh_request

REQUESTS = [
    "3号楼二单元的路灯坏了好几天，晚上黑得看不见",
    "楼下的灯不亮了，什么时候能修",
    "楼上半夜施工太吵了，根本没法睡觉",
    "广场舞音响声音太大，能不能管管",
    "家里没水了，整栋楼都没水",
    "居住证怎么办",
    "请问老年卡去哪里办",
    "关于小区停车难的问题",
    "建议在学校门口装一个红绿灯",
    "举报饭店油烟扰民",
    "垃圾堆在门口好几天没人清运",
]
TALK = [
    "1. 二栋张姐 一袋 2. 六栋小何 两袋",
    "接龙：周六包粽子，报名的往下接",
    "团购的大米到了，报了名的来拿",
    "谁抢了最大的红包，快发一个",
    "转发：明天起降温，大家注意添衣",
    "【通知】本周六上午停水，请提前储水",
    "出一台二手冰箱，自提三百",
    "求推荐一个修空调的师傅",
    "谁有靠谱的家政阿姨，推荐一下",
    "哈哈哈笑死我了，你家猫成精了",
    "再不下雨我就要变成烤鸭了",
    "收到",
    "+1",
    "@所有人 收到请回复",
    "晚上打牌三缺一，谁来",
]


@pytest.mark.parametrize("text", REQUESTS)
def test_a_request_or_question_is_one(text: str) -> None:
    assert weigh_request(text) > 0


@pytest.mark.parametrize("text", TALK)
def test_talk_is_none(text: str) -> None:
    assert weigh_request(text) < 0


def test_every_request_weighs_more_than_any_talk() -> None:
    assert min(map(weigh_request, REQUESTS)) > max(map(weigh_request, TALK))


@pytest.mark.parametrize("text", ["", "  ", "……！！", "👍👍", "\u200b"])
def test_without_words_it_is_talk(text: str) -> None:
    assert weigh_request(text) == -1.0


def test_punctuation_says_nothing_of_what_is_wanted() -> None:
    assert weigh_request("居住证怎么办？？？") == weigh_request("居住证怎么办") == weigh_request(" 居住证怎么办。")
    assert read_features("灯坏了,快来") == read_features("灯坏了  快来~") == read_features("灯坏了！快来")
    assert read_features("灯坏了 快来") != read_features("灯坏了快来")
