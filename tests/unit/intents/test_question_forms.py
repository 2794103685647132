"""Questions as residents type them: without a question mark, in everyday words. They are told from complaints that use the same words."""

from __future__ import annotations

import pytest

from intents.lexicon import lexicon


@pytest.mark.parametrize(
    "text",
    [
        "办健身卡退费要什么手续",
        "养鸽子有啥要求",
        "超速百分之三十罚多少",
        "发现野猪跟谁说",
        "孩子几岁能坐副驾驶",
        "哺乳假能放几个月",
        "四级成绩在哪查",
        "准考证丢了咋补",
        "空调烧了供电公司赔不赔",
        "拆迁户搬家有没有补贴",
        "外地车牌也得限行吗",
    ],
)
def test_a_question_needs_no_question_mark(text: str) -> None:
    assert lexicon("question").first(text)


@pytest.mark.parametrize(
    "text",
    [
        "好几个月没人修",
        "几个小区都停水",
        "反映多少次了",
        "物业什么都不管",
        "楼盘停工了，房子什么时候能交",
        "你们这是什么态度",
        "打电话也没用，不知道找谁",
        "这不是欺负人吗",
        "这样收费像话吗",
    ],
)
def test_a_complaint_in_the_same_words_is_none(text: str) -> None:
    assert lexicon("question").find(text) == ()
