# SPDX-License-Identifier: Apache-2.0
"""Pages that the report's page is measured beside: the same imports drawn by echarts and by d3-flame-graph.

Both are fetched by npm, as tests/bench/page_peers/package-lock.json has them, into build/. Each page
has one chart and nothing else: no tables, no text for those who can't see it, no policy. That is
less than the report's page has, so what it takes less time for says little; the other way it does.
"""

import json
import shutil
import subprocess
from pathlib import Path

LOCKED = Path(__file__).with_name("page_peers")
INSTALL_SECONDS = 300

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><body>
<div id="chart" style="width: 1200px; height: 600px"></div>
<script type="application/json" id="data">{data}</script>
{scripts}<script>const tree = JSON.parse(document.getElementById("data").textContent);
const largest = (node) => node.children.reduce((most, one) => (one.value > most.value ? one : most));
{script}</script></body></html>
"""

# Boxes of a custom series, as in echarts' own example of a flame graph; a zoom gives it the boxes of
# a part of the tree.
ECHARTS = """
const boxes = (top, query) => {
    const found = [], width = top.value || 1;
    const walk = (node, level, start) => {
        found.push({name: node.name, value: [level, start, start + node.value, node.name],
                    itemStyle: {color: query && !node.name.includes(query) ? "#cccccc" : "#e27731"}});
        let next = start;
        for (const child of node.children ?? []) { walk(child, level + 1, next); next += child.value; }
    };
    walk(top, 0, 0);
    return found;
};
const renderItem = (params, api) => {
    const start = api.coord([api.value(1), api.value(0)]), end = api.coord([api.value(2), api.value(0)]);
    return {type: "rect", shape: {x: start[0], y: start[1], width: Math.max(end[0] - start[0] - 1, 0), height: 18},
            style: {fill: api.visual("color")},
            textConfig: {position: "insideLeft"},
            textContent: {style: {text: api.value(3), width: Math.max(end[0] - start[0] - 4, 0), overflow: "truncate"}}};
};
const chart = echarts.init(document.getElementById("chart"));
const draw = (top, query) => chart.setOption({
    animation: false, tooltip: {}, xAxis: {show: false, max: top.value}, yAxis: {show: false, max: 26, inverse: true},
    series: [{type: "custom", renderItem, encode: {x: [1, 2], y: 0}, data: boxes(top, query)}]});
draw(tree, "");
"""

FLAME = """
const chart = flamegraph.flamegraph ? flamegraph.flamegraph() : (flamegraph.default ?? flamegraph)();
chart.width(1200).cellHeight(19).transitionDuration(0).inverted(true).selfValue(false);
d3.select("#chart").datum(tree).call(chart);
"""

# Name -> the files of its packages, its script, how to zoom to the largest import of the outermost
# one, how to search.
PEERS = {
    "echarts": (("echarts/dist/echarts.min.js",), ECHARTS,
                "() => draw(largest(tree.children[0]), '')", "() => draw(tree, 'module7')"),
    "d3-flame-graph": (("d3/dist/d3.min.js", "d3-flame-graph/dist/d3-flamegraph.umd.min.js"), FLAME,
                       "() => chart.zoomTo(d3.selectAll('g.frame').data().find((one) => one.data.name === "
                       "largest(tree.children[0]).name))", "() => chart.search('module7')"),
}


def tree_of(report):
    """{name, value, children}, as both charts want it, below one root."""
    nodes = {one["id"]: {"name": one["name"], "value": one["total_ns"], "children": []} for one in report["modules"]}
    root = {"name": "worker", "value": 0, "children": []}
    for one in report["modules"]:
        parent = nodes.get(one["parent"], root)
        parent["children"].append(nodes[one["id"]])
    root["value"] = sum(child["value"] for child in root["children"])
    return root


def install(build):
    """The folder of the packages, installed there if they are not yet."""
    folder = build / "bench-page"
    marker = folder / "node_modules/.package-lock.json"
    locked = (LOCKED / "package-lock.json").read_bytes()
    kept = folder / "package-lock.json"
    if not marker.exists() or kept.read_bytes() != locked:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(LOCKED / name, folder / name)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=INSTALL_SECONDS,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return folder / "node_modules"


def write(report, build, folder):
    """(name, path of its page, zoom, search) of each."""
    modules = install(build)
    data = json.dumps(tree_of(report), separators=(",", ":")).replace("<", "\\u003c")
    for name, (files, script, zoom, search) in PEERS.items():
        scripts = "".join(f"<script>{(modules / file).read_text(encoding='utf-8')}</script>\n" for file in files)
        path = Path(folder, f"{name}.html")
        path.write_text(PAGE.format(name=name, data=data, scripts=scripts, script=script), encoding="utf-8")
        yield name, path, zoom, search
