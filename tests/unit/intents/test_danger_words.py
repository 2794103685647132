"""Own sentences around the words that sound like danger: one that happens, one that is over, one that is harmless."""

from __future__ import annotations

import pytest

from intents.tiers import read_tier

SENTENCES = {
    "火灾": ("仓库发生火灾，里面还有两个工人", "那场火灾以后巷子重新铺过", "火灾保险一年多少钱"),
    "起火": ("厨房起火了，锅都烧着了", "上个月车棚起火，棚子还没重搭", "油锅起火该先关火吗，考题里问的"),
    "冒烟": ("配电箱在冒烟，滋滋响，没人敢靠近", "前天那根线冒烟，师傅换掉了", "烧烤摊冒烟熏得眼睛疼"),
    "燃气泄漏": ("楼道燃气泄漏，一股味儿往上冒", "去年燃气泄漏那次修好了", "燃气泄漏报警器哪里能买"),
    "煤气": ("屋里煤气味很大，我妈头晕想吐", "上次闻到煤气味，查过没事", "煤气罐到期去哪里换"),
    "打架": ("一群人在巷口打架，有人拿着铁棍", "昨天他们打架，派出所已经处理了", "儿子跟同学打架老师让写检讨怎么写"),
    "斗殴": ("烧烤店门口几十号人斗殴，地上都是血", "去年聚众斗殴的案子判了", "聚众斗殴怎么判"),
    "伤者": ("伤者还躺在路中间，救护车还没来", "那次的伤者出院了", "伤者的误工费怎么算"),
    "受伤": ("师傅从架子上摔下来受伤了，满头是血", "我爸去年受伤住过院", "上班路上受伤算工伤吗"),
    "流血": ("老人头上一直流血，叫不醒", "上次割破手流血不止，缝了三针", "流血大甩卖是真的吗"),
    "晕倒": ("有个大爷在站台晕倒了，嘴唇发紫", "我妈上周晕倒过，现在好了", "容易晕倒是不是贫血"),
    "交通事故": ("路口出交通事故了，人卡在车里面", "上个月那起交通事故还没赔", "交通事故怎么报保险"),
    "撞车": ("两辆车撞车了，司机满脸是血", "去年撞车那个路口装了灯", "撞车险值不值得买"),
    "撞人": ("公交车撞人了，老太太压在轮子底下", "上次撞人的司机赔钱了", "倒车撞人算谁的责任"),
    "触电": ("有人触电倒在地上，手还抓着线", "我弟小时候触过电", "触电怎么急救"),
    "漏电": ("路灯杆漏电，小狗碰了一下就跳开", "热水器漏电修好了", "漏电保护器怎么选"),
    "高空坠物": ("楼上总有高空坠物，今天掉下来半块砖", "去年高空坠物的官司赢了", "高空坠物险一年多少钱"),
    "坍塌": ("工地坍塌，埋了三个人", "前年那次坍塌后路封了半年", "坍塌和滑坡有什么区别，地理作业问的"),
    "塌方": ("山上塌方，石头压到了一辆车", "上次塌方以后改走新路了", "塌方怎么逃生"),
    "有人被困": ("电梯里有人被困，喊救命呢", "上周电梯有人被困，物业撬开救出来了", "电梯有人被困该打哪个电话"),
    "溺水": ("有小孩溺水了，刚捞上来没呼吸", "那年河里有人溺水，后来装了护栏", "防溺水讲座在哪里听"),
}
ORANGE = {"漏电", "高空坠物"}
HARM = (
    "活够了，不想再拖累你们",
    "药我都吃下去了，不用找我",
    "我坐在楼顶边上，风好大",
    "没有我你们会过得更好",
    "手腕割了，血流了好多",
    "妹妹发消息说下辈子再见，电话打不通",
    "跳下去是不是就不疼了",
)
CALM = (
    "笑死我了这个视频",
    "累死了想死你们做的红烧肉",
    "手机又死机了",
    "跳楼价处理一批衣服",
    "安眠药在哪里买要不要处方",
    "广场边上新开了跳楼机好玩吗",
    "绿萝快死了怎么浇水",
)


@pytest.mark.parametrize("word", list(SENTENCES))
def test_a_danger_word_is_read_by_what_stands_around_it(word: str) -> None:
    live, past, harmless = (read_tier(text).tier for text in SENTENCES[word])

    assert (live, past, harmless) == ("orange" if word in ORANGE else "red", "none", "none")


@pytest.mark.parametrize("text", HARM)
def test_words_of_wanting_to_die_are_heard_however_they_are_said(text: str) -> None:
    reading = read_tier(text)

    assert (reading.tier, reading.hazard in {"self_harm", "suicide_attempt"}, reading.private) == ("red", True, True)


@pytest.mark.parametrize("text", CALM)
def test_idioms_of_dying_are_no_alarm(text: str) -> None:
    assert read_tier(text).tier == "none"


def test_violence_at_home_that_is_not_now_is_urgent_and_private() -> None:
    reading = read_tier("他打了我一辈子，我八十了跑不动")

    assert (reading.tier, reading.hazard, reading.private) == ("orange", "family_violence", True)


def test_what_is_broken_stays_so_though_something_else_is_past() -> None:
    assert read_tier("河边护栏断了，昨天有孩子差点掉下去").tier == "orange"
    assert read_tier("昨天停水了，今天好了").tier == "none"


@pytest.mark.parametrize("text", ["消防通道被占", "红绿灯三面全黑", "电梯又停在五楼了，里面没人", "配电箱门敞着，线头露在外面"])
def test_what_becomes_dangerous_if_nobody_comes_is_orange(text: str) -> None:
    assert read_tier(text).tier == "orange"


@pytest.mark.parametrize(
    "text", ["孩子学打架子鼓，太吵了", "燃气开户要带什么", "[链接]《某小区着火，三人被困》", "要是着火了电梯能不能坐"]
)
def test_drums_papers_news_and_what_ifs_are_none(text: str) -> None:
    assert read_tier(text).tier == "none"
