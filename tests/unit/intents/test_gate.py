from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.gate import Draft, GroupFacts, Ignore, Take, judge

OPEN = {"notice_posted": True, "consent": True}


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (GroupFacts(text="路灯坏了", mentions_bot=True, **OPEN), Take("mention")),
        (GroupFacts(text="", mentions_bot=True, **OPEN), Take("mention")),
        (GroupFacts(text="那几点开门", quotes_bot=True, **OPEN), Take("quote")),
        (GroupFacts(text="王阿姨说楼道灯坏了", forwarded_by_worker=True, **OPEN), Take("forward")),
        (GroupFacts(text="路灯坏了", **OPEN), Ignore("chatter")),
        (GroupFacts(text="今晚吃什么", **OPEN), Ignore("chatter")),
        (GroupFacts(text="路灯坏了", mentions_bot=True, consent=True), Ignore("no_notice")),
        (GroupFacts(text="路灯坏了", mentions_bot=True, notice_posted=True), Ignore("no_consent")),
        (GroupFacts(text="楼道里电动车起火了"), Take("danger")),
        (GroupFacts(text="我不想活了"), Take("danger")),
        (GroupFacts(text="昨天着火已经扑灭了", **OPEN), Ignore("chatter")),
        (GroupFacts(text="[链接]《某小区半夜停电，业主被困电梯两小时》", **OPEN), Ignore("chatter")),
        (GroupFacts(text="路灯坏了", is_matter=True, has_worker=True, **OPEN), Draft()),
        (GroupFacts(text="路灯坏了", is_matter=True, **OPEN), Ignore("chatter")),
        (GroupFacts(text="路灯坏了", is_matter=True, has_worker=True, consent=True), Ignore("no_notice")),
        (GroupFacts(text="路灯坏了", is_matter=True, has_worker=True, notice_posted=True), Ignore("no_consent")),
        (GroupFacts(text="路灯坏了", is_matter=True, has_worker=True, mentions_bot=True, **OPEN), Take("mention")),
        (GroupFacts(text="我不想活了", is_matter=True, has_worker=True, **OPEN), Take("danger")),
        (GroupFacts(text="我们小区停水了", **OPEN), Ignore("chatter")),
    ],
)
def test_only_what_is_plainly_for_us_is_taken(facts: GroupFacts, verdict: Take | Draft | Ignore) -> None:
    assert judge(facts) == verdict


@given(st.text(alphabet="你我他今天吃什么好的谢谢～接龙1234@所有人", max_size=40), st.booleans(), st.booleans())
def test_chatter_is_never_taken(text: str, notice: bool, consent: bool) -> None:
    assert isinstance(judge(GroupFacts(text=text, notice_posted=notice, consent=consent)), Ignore)
