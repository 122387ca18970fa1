import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { element, replaceContent } from "../dom";
import { formatLabel, type Label, LABELS } from "../reading-text";
import { formatPercent, gettext, interpolate } from "../text";
import { type Columns, computeRange, toWholeRows } from "./columns";
import { onThemeChange, readTheme, type Theme } from "./theme";

const HEIGHT = 72;
const PRINT_WIDTH_PX = 310;

interface SmallChart {
  label: Label;
  root: HTMLElement;
  host: HTMLElement;
  mean: HTMLElement;
  chart: uPlot | null;
}

/** `<expression-lines>`: small multiples of the eight expressions. */
export class ExpressionLines extends HTMLElement {
  #columns: Columns | null = null;
  #charts: SmallChart[] = [];
  #abort: AbortController | null = null;

  connectedCallback(): void {
    this.#charts = LABELS.map(buildSmallChart);
    replaceContent(this, ...this.#charts.map(({ root }) => root));
    this.#abort = new AbortController();
    onThemeChange(() => this.#build(), this.#abort.signal);
    const watcher = new ResizeObserver(() => this.#fit());
    watcher.observe(this);
    this.#abort.signal.addEventListener("abort", () => watcher.disconnect());
    this.#build();
  }

  disconnectedCallback(): void {
    this.#abort?.abort();
    for (const small of this.#charts) small.chart?.destroy();
  }

  update(columns: Columns): void {
    this.#columns = columns;
    if (!this.isConnected) return;
    if (!this.#charts[0]?.chart) this.#build();
    for (const small of this.#charts) {
      small.chart?.setData(toPlotData(columns, small.label));
      this.#describe(small, columns);
    }
  }

  #build(): void {
    const columns = this.#columns;
    if (!columns || this.clientWidth === 0) return;
    const theme = readTheme(this);
    for (const small of this.#charts) {
      small.chart?.destroy();
      const options = buildOptions(this.#width(small), theme, () => this.#columns ?? columns);
      small.chart = new uPlot(options, toPlotData(columns, small.label), small.host);
      this.#describe(small, columns);
    }
  }

  #describe({ label, host, mean }: SmallChart, columns: Columns): void {
    const range = computeRange(columns.expressions[label]);
    mean.textContent = formatRange(range);
    host.setAttribute("aria-label", `${formatLabel(label)}: ${mean.textContent}`);
  }

  #fit(): void {
    for (const small of this.#charts) {
      const width = this.#width(small);
      if (small.chart && small.chart.width !== width)
        small.chart.setSize({ width, height: HEIGHT });
    }
    if (!this.#charts[0]?.chart) this.#build();
  }

  #width({ host }: SmallChart): number {
    return matchMedia("print").matches ? PRINT_WIDTH_PX : host.clientWidth;
  }
}

function buildSmallChart(label: Label): SmallChart {
  const host = element("div", { class: "plot", role: "img" });
  const mean = element("span", { class: "soft" });
  const title = element("p", { class: "small-title" }, formatLabel(label), mean);
  const root = element("div", { class: "small-picture" }, title, host);
  return { label, root, host, mean, chart: null };
}

function toPlotData(columns: Columns, label: Label): uPlot.AlignedData {
  return [columns.minutes, columns.expressions[label]];
}

function buildOptions(width: number, theme: Theme, columns: () => Columns): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [4, 0, 4, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => toWholeRows(columns()) },
      y: { range: [0, 1] },
    },
    axes: [
      { show: false },
      {
        show: true,
        size: 0,
        ticks: { show: false },
        values: () => [],
        splits: () => [0, 0.5, 1],
        grid: { stroke: theme.line, width: 1 },
      },
    ],
    series: [{}, { stroke: theme.accent, fill: theme.fill, width: 2, points: { show: false } }],
  };
}

function formatRange(range: ReturnType<typeof computeRange>): string {
  if (!range) return gettext("unknown");
  const [low, high] = [formatPercent(range.low), formatPercent(range.high)];
  return low === high ? low : interpolate(gettext("%(low)s to %(high)s"), { low, high });
}

customElements.define("expression-lines", ExpressionLines);
