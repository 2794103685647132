"""The libraries of others do their work under our content policy: a chart is drawn, its tip shown, a map stands, htmx swaps a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser.planted import PATH, plant

if TYPE_CHECKING:
    from tests.browser.visitor import Visitor

OWN = '<script src="/planted.js" defer></script>'
LOOKS = '<link rel="stylesheet" href="/static/jieying.css"><link rel="stylesheet" href="/static/vendor/leaflet.css">'

CHART = """
const place = document.querySelector("#chart");
place.style.width = "600px"; place.style.height = "300px";
const chart = echarts.init(place);
chart.setOption({
  animation: false, aria: {enabled: true}, tooltip: {trigger: "axis", renderMode: "richText"}, legend: {},
  xAxis: {type: "category", data: ["一", "二", "三"]}, yAxis: {},
  series: [{name: "件", type: "bar", data: [3, 1, 2]}, {name: "线", type: "line", data: [1, 2, 3]},
           {type: "pie", radius: 30, center: ["90%", "20%"], data: [{name: "甲", value: 1}]}]});
chart.dispatchAction({type: "showTip", seriesIndex: 0, dataIndex: 1});
"""
COLOURS = """() => {
  const canvas = document.querySelector("#chart canvas");
  const dots = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return new Set(dots).size;
}"""
MAP = """
const place = document.querySelector("#map");
place.style.width = "600px"; place.style.height = "300px";
const map = L.map(place).setView([31.2, 121.5], 14);
L.polygon([[31.19, 121.49], [31.21, 121.49], [31.21, 121.51]], {color: "#0b5d57"}).bindTooltip("第一网格").addTo(map);
L.circleMarker([31.2, 121.5]).addTo(map);
"""


async def test_a_chart_is_drawn_with_its_tip(desktop: Visitor) -> None:
    head = f'{LOOKS}<script src="/static/vendor/echarts.min.js" defer></script>{OWN}'
    await plant(desktop.context, head=head, body='<h1>图</h1><div id="chart" role="img"></div>', script=CHART)
    await desktop.open(PATH)

    await expect(desktop.page.locator("#chart canvas")).to_have_count(1)
    assert "柱状图" in str(await desktop.page.locator("#chart").get_attribute("aria-label"))
    assert await desktop.page.evaluate(COLOURS) > 3


async def test_a_map_stands_without_a_foreign_picture(desktop: Visitor) -> None:
    head = f'{LOOKS}<script src="/static/vendor/leaflet.min.js" defer></script>{OWN}'
    await plant(desktop.context, head=head, body='<h1>图</h1><div id="map"></div>', script=MAP)
    await desktop.open(PATH)

    await expect(desktop.page.locator("#map path.leaflet-interactive")).to_have_count(2)
    await desktop.page.get_by_role("button", name="Zoom in").click()
    await expect(desktop.page.locator("#map path.leaflet-interactive")).to_have_count(2)


async def test_htmx_swaps_a_part_of_the_page(desktop: Visitor) -> None:
    config = (
        """<meta name="htmx-config" content='{"includeIndicatorStyles": false, "allowEval": false, "selfRequestsOnly": true}'>"""
    )
    head = f'{config}<script src="/static/vendor/htmx.min.js" defer></script>'
    await plant(
        desktop.context, head=head, body='<h1>段</h1><button hx-get="/healthz" hx-target="#part">换</button><p id="part"></p>'
    )
    await desktop.open(PATH)
    await desktop.page.get_by_role("button").click()

    await expect(desktop.page.locator("#part")).to_have_text('{"ok": true, "rehearsal": false}')


async def test_a_large_file_of_ours_travels_compressed(desktop: Visitor) -> None:
    response = await desktop.page.goto(f"{desktop.site.address}/static/vendor/echarts.min.js")
    assert response is not None

    assert response.headers["content-encoding"] == "gzip"
