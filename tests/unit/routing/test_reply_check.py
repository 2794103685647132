"""An answer is looked at before it goes: no number of anybody, no word of the house's own, and what was asked is answered."""

from __future__ import annotations

import pytest

from routing.reply_check import REFUSED, Doubt, check_reply, check_words, list_parts

LAMP = "柳树街路灯坏了三天，晚上很黑。"
GOOD = "柳树街的路灯是线路老化引起的，已于11月20日更换线路，当晚试过恢复照明。"


def kinds(text: str, matter: str = LAMP) -> list[str]:
    return [one.kind for one in check_reply(text, matter=matter)]


@pytest.mark.parametrize(
    ("matter", "text"),
    [
        (LAMP, GOOD),
        ("小区停水两天了，什么时候来水？", "主管道爆裂，抢修完已经恢复供水，今天上午十点来水。"),
        ("为什么物业不退装修押金", "物业公司因为楼道墙面没有修补暂不退还，修补后三天内退。"),
        ("1、电梯经常停。2、楼道灯不亮。", "电梯更换了门机，不再停梯；楼道灯换了声控灯泡。"),
        ("请问去哪里办居住证", "到社区服务大厅3号窗口就可以办，带身份证。"),
    ],
)
def test_an_answer_that_says_what_was_done_raises_nothing(matter: str, text: str) -> None:
    assert check_reply(text, matter=matter) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{GOOD}有事打13812345678。", "phone"),
        (f"{GOOD}电话一三八 一二三四 五六七八。", "phone"),
        (f"{GOOD}身份证110101199003074514已登记。", "identity"),
    ],
)
def test_a_number_of_somebody_is_found_and_never_sent(text: str, kind: str) -> None:
    found = kinds(text)

    assert kind in found
    assert not REFUSED.isdisjoint(found)


def test_public_numbers_dates_and_buildings_are_nobodys() -> None:
    assert kinds(f"{GOOD}急事拨打12345或119，3号楼2026年11月20日已通知。") == []


@pytest.mark.parametrize("word", ["请示领导", "疑似重复", "缠访", "扣分"])
def test_a_word_of_the_house_is_named(word: str) -> None:
    assert check_words(f"此件{word}，已处理") == (Doubt("internal", word),)


@pytest.mark.parametrize("text", ["您好，您反映的问题已收悉，我们将尽快处理，感谢您的理解与支持。", "已处理完毕。", "好的"])
def test_words_that_every_answer_has_are_no_answer(text: str) -> None:
    assert kinds(text) == ["empty"]


@pytest.mark.parametrize(
    ("matter", "text", "asked"),
    [
        ("路灯坏了，什么时候能修好", "路灯的线路老化，维修人员看过现场，正在换线", "什么时候"),
        ("为啥小区停水", "小区已经恢复供水，请打开水龙头放一会儿水", "为啥"),
        ("停车费怎么收费", "停车由物业公司统一管理，请向门岗领卡停放", "怎么收费"),
        ("能不能在门口装个充电桩", "充电桩的位置正在勘察，居民们意见很多", "能不能"),
    ],
)
def test_a_question_that_is_not_answered_is_said(matter: str, text: str, asked: str) -> None:
    assert check_reply(text, matter=matter) == (Doubt("question", asked),)


def test_a_part_of_the_matter_that_the_answer_says_nothing_of_is_said() -> None:
    matter = "小区东门的路灯坏了很久。另外垃圾桶好几天没人清。"

    assert check_reply("路灯已于今天修好，试过恢复照明。", matter=matter) == (Doubt("part", "另外垃圾桶好几天没人清"),)
    assert check_reply("路灯已于今天修好，垃圾桶改为每天清两次。", matter=matter) == ()


def test_a_matter_of_one_part_is_not_held_against_the_words_of_the_answer() -> None:
    assert list_parts("梯子又停了") == ()
    assert check_reply("门机换好了，下午五点起正常运行，没有再停过。", matter="电梯总是关不上门，老人上下楼很不方便") == ()


def test_parts_are_sentences_points_and_what_is_joined() -> None:
    assert list_parts("一、楼道灯全都不亮；二、电梯门关不上！还有消防通道被车堵着") == (
        "楼道灯全都不亮",
        "电梯门关不上！".rstrip("！"),
        "还有消防通道被车堵着",
    )


@pytest.mark.parametrize("matter", ["", "。", "？？？", "1、2、3、"])
def test_an_empty_matter_asks_nothing(matter: str) -> None:
    assert check_reply(GOOD, matter=matter) == ()
