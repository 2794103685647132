"""The libraries of others do their work under our content policy: a chart is drawn, its tip shown, a map stands, htmx swaps a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser.planted import PATH, plant

if TYPE_CHECKING:
    from tests.browser.conftest import Meet
    from tests.browser.visitor import Visitor

OWN = '<script src="/planted.js" defer></script>'
LOOKS = '<link rel="stylesheet" href="/static/jieying.css">'

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


async def test_a_chart_is_drawn_with_its_tip(desktop: Visitor) -> None:
    head = f'{LOOKS}<script src="/static/vendor/echarts.min.js" defer></script>{OWN}'
    await plant(desktop.context, head=head, body='<h1>图</h1><div id="chart" role="img"></div>', script=CHART)
    await desktop.open(PATH)

    await expect(desktop.page.locator("#chart canvas")).to_have_count(1)
    assert "柱状图" in str(await desktop.page.locator("#chart").get_attribute("aria-label"))
    assert await desktop.page.evaluate(COLOURS) > 3


async def test_a_map_is_drawn_without_a_foreign_picture_and_leads_where_its_words_lead(phone: Visitor) -> None:
    assert await phone.open("/faq?kind=service_point") == 200
    page = phone.page

    await expect(page.locator(".atlas path.outline")).to_have_count(3)
    await expect(page.locator(".atlas path.spot")).to_have_count(await page.locator(".atlas a[data-at]").count())
    assert await page.locator(".area-name").all_text_contents() == ["柳塘街道", "石榴街道", "望湖街道"]
    await page.get_by_role("button", name="放大").click()
    await page.locator(".atlas path.spot").first.dispatch_event("click")
    await page.wait_for_url("**/faq/ZS-*")
    await expect(page.locator(".atlas path.spot")).to_have_count(1)
    assert await page.locator(".atlas img").count() == 0


async def test_the_figures_are_shaded_on_a_map_that_opens_an_area(meet: Meet) -> None:
    somebody = await meet("desktop", post="SV003")
    assert await somebody.open("/staff/figures?period=year") == 200
    page = somebody.page

    await expect(page.locator(".atlas path.outline.frame")).to_have_count(4)
    await expect(page.locator(".atlas path[class*=shade-]")).to_have_count(13)
    await page.locator(".atlas path[class*=shade-]").first.dispatch_event("click")
    await page.wait_for_url("**area=LA-DL-*")


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
