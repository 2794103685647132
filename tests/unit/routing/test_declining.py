from __future__ import annotations

from routing.declining import load_routes
from routing.figures import MALICIOUS


def test_every_route_has_a_name_and_says_where_to_go() -> None:
    routes = load_routes()

    assert set(routes) == {
        "litigation",
        "arbitration",
        "reconsideration",
        "discipline",
        "petition",
        "disclosure",
        "elsewhere",
        MALICIOUS,
    }
    assert [code for code, route in routes.items() if not route.name or not route.told.endswith("。")] == []
