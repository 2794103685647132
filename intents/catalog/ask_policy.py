"""The resident wants to know something: how, where, with which papers, whether it is allowed."""

from __future__ import annotations

from intents.answering import answer_or_pass_on
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn
from knowledge_base.match import Answered, NeedsChoice

TOPIC = 40
"""A topic of papers and benefits alone makes a question of a phrase (低保申请条件), not of a story that mentions it."""
LETTER = 150
"""Longer texts touch many entries; a hit in them says less."""


def _is_answered(turn: Turn) -> bool:
    """A short text that an entry answers."""
    return isinstance(turn.decision, Answered) and len(turn.text) <= LETTER


def _is_touched(turn: Turn) -> bool:
    """A long text that an entry answers, or one that several might."""
    return isinstance(turn.decision, NeedsChoice) or (isinstance(turn.decision, Answered) and len(turn.text) > LETTER)


def _asks_plainly(turn: Turn) -> bool:
    """A short question that names no place and wants nobody to come."""
    short = len(turn.text) <= TOPIC and turn.asks
    return short and not turn.places and not (lexicon("demand").first(turn.text) or lexicon("urging").first(turn.text))


INTENT = IntentSpec(
    code="ask_policy",
    title="咨询政策",
    cues=(
        Cue.lexicon("question", 1.2),
        Cue.lexicon("policy", 1.0, within=TOPIC),
        Cue.fact("plain_question", 1.4, _asks_plainly),
        Cue.pattern(
            r"(?:怎么|如何|[去到在]?哪里|[去到在]哪|向谁|找谁|打什么电话)(?:可以|能)?(?:投诉|举报|反映|维权|报警|办理|补办|申请)",
            4.6,
            within=60,
        ),
        Cue.pattern(r"(?:什么时候|啥时候|哪天|几时)", 0.5, within=60),
        Cue.pattern(r"(?:需要|要)(?:准备|带|提供|交)?(?:什么|哪些)", 0.8, within=60),
        Cue.fact("answered", 1.6, _is_answered),
        Cue.fact("touched", 0.8, _is_touched),
    ),
    examples=(
        "居住证怎么办理",
        "孩子上小学需要准备什么材料",
        "身份证丢了去哪里补办",
        "老年卡多少岁可以申请？",
        "医保断缴三个月还能报销吗",
        "请问公积金可以提前还贷吗",
        "物业费涨价有什么规定",
        "养狗要办什么证件",
        "新生儿落户有什么规定",
        "低保申请条件",
    ),
    respond=answer_or_pass_on,
)
