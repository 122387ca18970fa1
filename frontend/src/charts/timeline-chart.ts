import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { element, replaceContent } from "../dom";
import { formatPercent, gettext, interpolate } from "../text";
import { type Columns, findIsolated, toWholeMinutes } from "./columns";
import { drawEndLabel, drawWithheld } from "./draw";
import { formatWithheld } from "./withheld-text";
import { onThemeChange, readTheme, type Theme } from "./theme";

const HEIGHT = 280;
const PRINT_WIDTH_PX = 660;

/** `<timeline-chart>`: engagement index and coverage over lesson time. */
export class TimelineChart extends HTMLElement {
  #columns: Columns | null = null;
  #chart: uPlot | null = null;
  #host = element("div", { class: "plot", role: "img" });
  #readout = element("p", { class: "readout small soft" });
  #abort: AbortController | null = null;

  connectedCallback(): void {
    replaceContent(this, this.#host, this.#readout);
    this.#abort = new AbortController();
    onThemeChange(() => this.#build(), this.#abort.signal);
    const watcher = new ResizeObserver(() => this.#fit());
    watcher.observe(this);
    this.#abort.signal.addEventListener("abort", () => watcher.disconnect());
    this.#build();
  }

  disconnectedCallback(): void {
    this.#abort?.abort();
    this.#chart?.destroy();
    this.#chart = null;
  }

  update(columns: Columns, summary: string): void {
    this.#columns = columns;
    this.#host.setAttribute("aria-label", summary);
    if (this.#chart) this.#chart.setData(toPlotData(columns));
    else if (this.isConnected) this.#build();
  }

  #build(): void {
    this.#chart?.destroy();
    this.#chart = null;
    if (!this.#columns || this.clientWidth === 0) return;
    const options = buildOptions(this.#width(), readTheme(this), {
      columns: () => this.#columns,
      hovered: (text) => (this.#readout.textContent = text),
    });
    this.#chart = new uPlot(options, toPlotData(this.#columns), this.#host);
    this.#showStatus(formatLegend(this.#columns));
  }

  #fit(): void {
    if (!this.#chart) this.#build();
    else if (this.#chart.width !== this.#width())
      this.#chart.setSize({ width: this.#width(), height: HEIGHT });
  }

  #width(): number {
    return matchMedia("print").matches ? PRINT_WIDTH_PX : this.clientWidth;
  }

  #showStatus(text: string): void {
    this.#readout.textContent = text;
  }
}

interface Hooks {
  columns: () => Columns | null;
  hovered: (text: string) => void;
}

function toPlotData(columns: Columns): uPlot.AlignedData {
  return [columns.minutes, columns.coverage, columns.engagement];
}

function buildOptions(width: number, theme: Theme, hooks: Hooks): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [12, 30, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false },
    scales: { x: { time: false, range: toWholeMinutes }, y: { range: [0, 1.15] } },
    axes: buildAxes(theme),
    series: [
      {},
      { label: gettext("Visible"), stroke: theme.soft, width: 1, dash: [2, 3], fill: theme.band },
      { label: gettext("Engagement index"), stroke: theme.accent, width: 3 },
    ].map((series) => ({
      ...series,
      points: { show: false, filter: listIsolatedPoints, size: 8 },
    })),
    hooks: {
      drawClear: [(plot) => drawWithheld(plot, hooks.columns()?.withheld ?? [], theme)],
      draw: [(plot) => drawLabels(plot, theme)],
      setCursor: [(plot) => hooks.hovered(formatCursor(plot, hooks.columns()))],
    },
  };
}

function buildAxes(theme: Theme): uPlot.Axis[] {
  const shared = {
    stroke: theme.soft,
    font: `15px ${theme.font}`,
    ticks: { stroke: theme.line },
  };
  const minutes = (_: uPlot, splits: number[]): string[] =>
    splits.map((at) => (Number.isInteger(at) ? interpolate(gettext("%(n)s min"), { n: at }) : ""));
  return [
    {
      ...shared,
      space: 70,
      incrs: [1, 2, 5, 10, 15, 30, 60, 120],
      grid: { show: false },
      values: minutes,
    },
    {
      ...shared,
      size: 58,
      splits: () => [0, 0.25, 0.5, 0.75, 1],
      grid: { stroke: theme.line, width: 1 },
      values: (_, splits) => splits.map(formatPercent),
    },
  ];
}

/** Points are drawn only for isolated values. */
function listIsolatedPoints(plot: uPlot, seriesIndex: number): number[] | null {
  const alone = findIsolated(plot.data[seriesIndex] as (number | null)[]);
  return alone.length ? alone : null;
}

function drawLabels(plot: uPlot, theme: Theme): void {
  const top = drawEndLabel(plot, 2, gettext("Engagement index"), theme.accent, theme, "above");
  drawEndLabel(plot, 1, gettext("Visible time"), theme.soft, theme, "below", top);
}

function formatCursor(plot: uPlot, columns: Columns | null): string {
  const at = plot.cursor.idx;
  if (at === null || at === undefined) return formatLegend(columns);
  const [seen, index] = [plot.data[1]?.[at], plot.data[2]?.[at]];
  return interpolate(gettext("Minute %(minute)s: engagement index %(index)s, visible %(seen)s"), {
    minute: Math.floor(plot.data[0][at] ?? 0),
    index: formatShare(index),
    seen: formatShare(seen),
  });
}

function formatLegend(columns: Columns | null): string {
  const gap = gettext("A gap means: not enough was visible.");
  const hidden = columns?.withheld[0];
  if (!hidden) return gap;
  const why = { why: formatWithheld(hidden.reason) };
  return `${gap} ${interpolate(gettext("Hatched means: %(why)s."), why)}`;
}

function formatShare(share: number | null | undefined): string {
  return share === null || share === undefined ? gettext("unknown") : formatPercent(share);
}

customElements.define("timeline-chart", TimelineChart);
