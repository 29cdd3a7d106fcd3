import { CustomChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { getInstanceByDom, init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([LineChart, CustomChart, GridComponent, TooltipComponent, CanvasRenderer]);

type Numbers = (number | null)[];
type Told = { step: string; value: string; interval: string; sample: string; note: string; before: string; trend?: string };
type Level = { at: number; kind: "goal" | "benchmark"; label: string };

/** What the server hands over: numbers to draw, and every text already written in the reader's language. */
export interface Series {
  steps: string[];
  ticks: [number, string][];
  value: Numbers;
  low: Numbers;
  high: Numbers;
  before: Numbers;
  faint: boolean[];
  told: Told[];
  marks: [step: number, number: number][];
  /** Where a trend leads: value, low and high of every step; it may go on after the last figure. */
  trend?: [value: number, low: number, high: number][];
  /** Level lines: targets, and what others reach. */
  lines?: Level[];
}

/** Colours come from the style sheet, so that light and dark are told in one place. */
function colours(plot: HTMLElement) {
  const style = getComputedStyle(plot);
  return { accent: style.color, line: style.borderTopColor, quiet: style.outlineColor, surface: style.backgroundColor };
}

const MARK = 9;

/** Annotations: a line at the step, above it the number that the list under the chart explains; several stand in a pile. */
function drawMarks(data: Series, colour: string, surface: string, font: string) {
  return {
    type: "custom",
    silent: true,
    z: 4,
    data: data.marks,
    renderItem: (item: { dataIndex: number; coordSys: { y: number; height: number } }, api: { coord: (at: [number, number]) => number[] }) => {
      const [step, number] = data.marks[item.dataIndex];
      const below = data.marks.filter(([at, n]) => at === step && n < number).length;
      const { y: top, height } = item.coordSys;
      const x = api.coord([step, data.ticks[0][0]])[0];
      const y = top - MARK - 2 + below * (2 * MARK + 2);
      return {
        type: "group",
        children: [
          { type: "line", shape: { x1: x, y1: top, x2: x, y2: top + height }, style: { stroke: colour, lineDash: [2, 3], lineWidth: 1 } },
          { type: "circle", shape: { cx: x, cy: y, r: MARK }, style: { fill: surface, stroke: colour, lineWidth: 1.5 } },
          { type: "text", style: { x, y, text: String(number), fill: colour, font: `600 11px ${font}`, align: "center", verticalAlign: "middle" } },
        ],
      };
    },
  };
}

function tooltip(told: Told): HTMLElement {
  const box = document.createElement("div");
  box.className = "chart-tip";
  for (const [name, text] of Object.entries(told)) {
    if (!text) continue;
    const line = document.createElement("div");
    line.className = `chart-tip-${name}`;
    line.textContent = text;
    box.append(line);
  }
  return box;
}

/** The stretches of steps that have an interval: a band never joins over a gap. */
function bands(lows: Numbers, highs: Numbers): [number, number][] {
  const runs: [number, number][] = [];
  let start = -1;
  for (let i = 0; i <= lows.length; i++) {
    const there = i < lows.length && lows[i] !== null && highs[i] !== null;
    if (there && start < 0) start = i;
    if (!there && start >= 0) {
      runs.push([start, i - 1]);
      start = -1;
    }
  }
  return runs;
}

function drawBand(lows: Numbers, highs: Numbers, fill: string, opacity: number) {
  const runs = bands(lows, highs);
  return {
    type: "custom",
    silent: true,
    clip: true,
    z: 1,
    data: runs,
    // A band is one polygon: its lower edge to the right, its upper edge back.
    renderItem: (item: { dataIndex: number }, api: { coord: (at: [number, number]) => number[] }) => {
      const [first, last] = runs[item.dataIndex];
      const at = Array.from({ length: last - first + 1 }, (_, i) => first + i);
      const low = at.map((i) => api.coord([i, lows[i]!]));
      const high = at.map((i) => api.coord([i, highs[i]!])).reverse();
      if (first === last) {
        const [x, bottom] = low[0];
        return { type: "rect", shape: { x: x - 3, y: high[0][1], width: 6, height: bottom - high[0][1] }, style: { fill, opacity } };
      }
      return { type: "polygon", shape: { points: [...low, ...high] }, style: { fill, opacity } };
    },
  };
}

/** Where the trend leads: a dotted line in a band of its own. */
function drawTrend(data: Series, colour: string) {
  const trend = data.trend ?? [];
  return [
    drawBand(trend.map((at) => at[1]), trend.map((at) => at[2]), colour, 0.12),
    {
      type: "line", data: trend.map((at) => at[0]), symbol: "none", z: 2, silent: true,
      lineStyle: { color: colour, width: 1.5, type: [2, 3] },
    },
  ];
}

/** A level across the chart with its name at it; benchmarks are dashed. */
function drawLevels(lines: Level[], ink: string, quiet: string, surface: string, font: string) {
  return {
    type: "custom",
    silent: true,
    z: 5,
    data: lines.map((line) => [0, line.at]),
    renderItem: (item: { dataIndex: number; coordSys: { x: number; width: number } }, api: { coord: (at: [number, number]) => number[] }) => {
      const { at, kind, label } = lines[item.dataIndex];
      const { x, width } = item.coordSys;
      const y = api.coord([0, at])[1];
      const colour = kind === "goal" ? ink : quiet;
      const lower = lines.some((other) => other.at > at);
      return {
        type: "group",
        children: [
          { type: "line", shape: { x1: x, y1: y, x2: x + width, y2: y }, style: { stroke: colour, lineDash: kind === "goal" ? undefined : [6, 4], lineWidth: 1.5 } },
          // Goals are named at the right and benchmarks at the left, the lower ones below: near each other they stay legible.
          { type: "text", style: { x: kind === "goal" ? x + width - 2 : x + 2, y: lower ? y + 4 : y - 4, text: label, fill: colour, font: `600 11px ${font}`, align: kind === "goal" ? "right" : "left", verticalAlign: lower ? "top" : "bottom", stroke: surface, lineWidth: 3 } },
        ],
      };
    },
  };
}

function option(data: Series, plot: HTMLElement): EChartsCoreOption {
  const { accent, line, quiet, surface } = colours(plot);
  const names = new Map(data.ticks);
  const text = { color: quiet, fontFamily: getComputedStyle(plot).fontFamily, fontSize: 12 };
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    animation: !calm,
    animationDuration: 250,
    grid: { left: 4, right: 22, top: data.marks.length ? 2 * MARK + 8 : 12, bottom: 4, containLabel: true },
    xAxis: {
      type: "category",
      data: data.steps,
      boundaryGap: false,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right", margin: 10 },
    },
    yAxis: {
      type: "value",
      min: data.ticks[0][0],
      max: data.ticks[data.ticks.length - 1][0],
      axisLabel: { ...text, customValues: [...names.keys()], formatter: (at: number) => names.get(at) ?? "" },
      splitLine: { lineStyle: { color: line } },
      axisTick: { customValues: [...names.keys()], show: false },
      interval: data.ticks.length > 1 ? data.ticks[1][0] - data.ticks[0][0] : undefined,
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      padding: 0,
      borderWidth: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow:none",
      axisPointer: { lineStyle: { color: quiet, type: "solid", width: 1 } },
      formatter: (at: { dataIndex: number }[]) => tooltip(data.told[at[0].dataIndex]),
    },
    series: [
      ...drawTrend(data, quiet),
      drawBand(data.low, data.high, accent, 0.16),
      {
        type: "line", data: data.before, symbol: "none", z: 2, silent: true,
        lineStyle: { color: quiet, width: 1.5, type: [4, 4] },
      },
      {
        type: "line", z: 3, symbol: "circle", showSymbol: data.value.length <= 40, symbolSize: 7, color: accent,
        lineStyle: { color: accent, width: 2 },
        data: data.value.map((value, i) => ({
          value,
          // Too few to rely on: a hollow point.
          itemStyle: { color: data.faint[i] ? surface : accent, borderColor: accent, borderWidth: data.faint[i] ? 1.5 : 0 },
        })),
      },
      drawMarks(data, quiet, surface, text.fontFamily),
      drawLevels(data.lines ?? [], getComputedStyle(document.body).color, quiet, surface, text.fontFamily),
    ],
  };
}

export function drawSeries(plot: HTMLElement, data: Series): void {
  const known = getInstanceByDom(plot);
  const chart = known ?? init(plot);
  if (!known) new ResizeObserver(() => chart.resize()).observe(plot);
  chart.setOption(option(data, plot), { replaceMerge: ["series"] });
}
