from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intents.actions import OpenTicket, RaiseEmergency, Stay
from intents.caring import PRIVATE_TOPICS
from intents.catalog import specs
from intents.dialogue import step
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn
    from knowledge_base.match import Answered

CASES = (
    ("legal_aid", "工地摔伤了老板不认，想请律师打官司", False),
    ("mental_health", "天天失眠，心里难受，想找个人聊聊", True),
    ("domestic_violence", "他喝了酒总动手，我身上都是伤", True),
    ("child_protection", "对门那娃天天挨打，身上都是棍子印", True),
    ("medical", "两种退烧药能不能一起吃", False),
)


@pytest.mark.parametrize(("topic", "text", "hidden"), CASES)
def test_a_person_follows_and_the_words_are_fixed(make_turn: Callable[..., Turn], topic: str, text: str, hidden: bool) -> None:
    taken = step(ConversationState(), make_turn(text))

    (action,) = taken.actions
    assert isinstance(action, OpenTicket)
    assert (action.draft.reason, action.draft.confidential) == (topic, hidden)


@pytest.mark.parametrize(("topic", "text", "hidden"), CASES)
def test_never_a_match_from_the_knowledge_base(
    make_turn: Callable[..., Turn],
    answered: Callable[..., Answered],
    topic: str,
    text: str,
    hidden: bool,  # noqa: ARG001 - a column of the table
) -> None:
    taken = step(ConversationState(), make_turn(text, decision=answered("K1", text)))

    assert taken.classification is not None
    assert (taken.classification.code, [type(action) for action in taken.actions]) == (topic, [OpenTicket])


@pytest.mark.parametrize(("topic", "text", "hidden"), CASES)
def test_of_private_topics_a_group_hears_nothing(make_turn: Callable[..., Turn], topic: str, text: str, hidden: bool) -> None:
    actions = step(ConversationState(), make_turn(text, scope="group")).actions

    assert (topic in PRIVATE_TOPICS) == hidden
    assert (actions[-1] == Stay()) == hidden


def test_violence_that_goes_on_is_an_alarm(make_turn: Callable[..., Turn]) -> None:
    (action,) = step(ConversationState(), make_turn("老公正在打我，快来人")).actions

    assert isinstance(action, RaiseEmergency)
    assert (action.draft.hazard, action.draft.confidential) == ("family_violence", True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("法律援助中心几点上班", "service_lookup"),
        ("社区心理讲座几点开始", "service_lookup"),
        ("医院门口停车太难了", "report_problem"),
        ("楼下施工吵得睡不着", "report_problem"),
        ("反家暴宣传栏的玻璃碎了", "report_problem"),
        ("孩子入学要准备什么材料", "ask_policy"),
    ],
)
def test_the_same_words_in_an_ordinary_matter_are_ordinary(make_turn: Callable[..., Turn], text: str, code: str) -> None:
    taken = step(ConversationState(), make_turn(text))

    assert taken.classification is not None
    assert taken.classification.code == code


def test_every_topic_has_its_intent() -> None:
    assert {topic for topic, _, _ in CASES} <= set(specs())
