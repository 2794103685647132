from __future__ import annotations

import msgspec
import pytest

from knowledge_base.short_names import ShortNames


class Named(msgspec.Struct, frozen=True):
    name: str
    kind: str = "estate"
    aliases: tuple[str, ...] = ()


SHORT = ShortNames(
    [
        Named("松林花园"),
        Named("松林公寓"),
        Named("松林路", "road"),
        Named("锦绣苑", "estate", ("锦绣小区",)),
        Named("化肥厂宿舍"),
        Named("铁路新村"),
        Named("松林中学", "school"),
    ],
    [Named("松林社区", "community"), Named("石桥街道", "street")],
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("松林3栋漏水", ["松林花园", "松林公寓"]),
        ("松林,1单元", ["松林花园", "松林公寓"]),
        ("松林12号", ["松林路"]),
        ("我们锦绣2-1-302", ["锦绣苑"]),
        ("锦绣二期", ["锦绣苑"]),
        ("松林那边停电", ["松林花园", "松林公寓", "松林路", "松林社区"]),
        ("松林", ["松林花园", "松林公寓", "松林路", "松林社区"]),
        ("在石桥那边", ["石桥街道"]),
        ("化肥厂3栋", ["化肥厂宿舍"]),
        ("铁路3栋", ["铁路新村"]),
        ("化肥厂那边", []),
        ("铁路旁边", []),
        ("松林很大", []),
        ("前程锦绣那边", []),
        ("", []),
    ],
)
def test_a_short_name_means_all_that_it_may_mean_there(text: str, meant: list[str]) -> None:
    assert [named.name for short in SHORT.find(text) for named in (*short.rows, *short.areas)] == meant
