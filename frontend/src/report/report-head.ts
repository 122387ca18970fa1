import type { Report, Session } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import { button, element, replaceContent } from "../dom";
import { icon, type IconName } from "../icons";
import { formatDateTime, formatDayTime, formatPercent, gettext, interpolate } from "../text";
import { ClosingTime } from "./closing-time";
import { listSuccesses } from "./report-help";

/** Head of a report: finding, state and key figures. */
export class ReportHead {
  onEnd: (button: HTMLButtonElement) => void = () => undefined;

  #place = element("p", { class: "soft report-place" });
  #finding = element("h1", { "data-testid": "finding" });
  #reportState: Report["state"] = "open";
  #state = element("p", { class: "report-state", "data-testid": "report-state" });
  #helped = element("p", { class: "lead", "data-testid": "helped" });
  #limits = element(
    "p",
    { class: "small soft no-print" },
    gettext(
      "A face says little about what a person feels. These results are about the lesson material, not about people.",
    ),
    " ",
    element("a", { href: "#limits" }, gettext("Limits of these results")),
  );
  #facts = element("dl", { class: "facts" });
  #simulated = element("p", { class: "soft" }, gettext("Some of these students are simulated."));
  #studentLink = element("p", { class: "soft no-print" });
  #end = element(
    "button",
    { type: "button", "data-testid": "end-lesson", onclick: () => this.onEnd(this.#end) },
    gettext("Close now"),
  );
  #closing: ClosingTime;
  #print = button(gettext("Print"), () => globalThis.print(), { class: "quiet" });

  readonly node = element("header", { class: "report-header" });
  /** Files, closing time and key figures. */
  readonly details = element("div", { class: "report-header report-details" });

  /** `getStudentUrl`: link for students, if any. */
  constructor(api: SessionApi, getStudentUrl: string | null) {
    this.#closing = new ClosingTime(api);
    this.#closing.onSaved = (session) => this.#renderState(session);
    replaceContent(
      this.node,
      this.#place,
      this.#finding,
      this.#helped,
      this.#state,
      element("div", { class: "row no-print" }, this.#end, this.#print),
    );
    replaceContent(
      this.details,
      buildDownloads(api),
      this.#closing.node,
      this.#studentLink,
      this.#facts,
      this.#simulated,
      this.#limits,
    );
    if (!getStudentUrl) return;
    const link = element("a", { href: getStudentUrl }, getStudentUrl);
    replaceContent(this.#studentLink, gettext("Link for students:"), " ", link);
  }

  show(session: Session, report: Report): void {
    const started = formatDateTime(session.started_at);
    this.#place.textContent = `${report.title} · ${started}`;
    if (this.#finding.textContent !== report.finding) this.#finding.textContent = report.finding;
    const helped = report.help ? listSuccesses(report.steps).join(" ") : "";
    if (this.#helped.textContent !== helped) this.#helped.textContent = helped;
    this.#helped.hidden = helped === "";
    this.#reportState = report.state;
    this.#renderState(session);
    replaceContent(this.#facts, ...buildFacts(report));
    this.#simulated.hidden = !report.simulated;
    if (session.state === "open") return;
    this.#end.remove();
    this.#closing.node.remove();
    this.#studentLink.remove();
  }

  #renderState(session: Session): void {
    this.#closing.show(session);
    const text = formatReportState(this.#reportState, session);
    if (this.#state.textContent === text) return;
    replaceContent(this.#state, icon(STATE_ICONS[this.#reportState]), element("span", {}, text));
  }
}

const STATE_ICONS: Record<Report["state"], IconName> = {
  open: "play",
  provisional: "reconnecting",
  final: "good",
};

function formatReportState(state: Report["state"], session: Session): string {
  if (state === "open") return formatOpenUntil(session.closes_at);
  const closed = session.ended_at
    ? interpolate(gettext("Closed since %(when)s."), { when: formatDayTime(session.ended_at) })
    : gettext("Closed.");
  const results =
    state === "provisional"
      ? gettext("Provisional: the last results are being added.")
      : gettext("Final: these results no longer change.");
  return `${closed} ${results}`;
}

function formatOpenUntil(closesAt: string | null): string {
  return closesAt === null
    ? gettext("Open until you close it.")
    : interpolate(gettext("Open until %(when)s."), { when: formatDayTime(closesAt) });
}

function buildFacts(report: Report): HTMLElement[] {
  const { contributors_at_least, engagement } = report;
  const missing = isPending(report) ? gettext("not yet") : gettext("not shown");
  const atLeast = interpolate(gettext("at least %(n)s"), { n: contributors_at_least ?? 0 });
  return [
    buildFact(gettext("Students included"), contributors_at_least ? atLeast : missing),
    buildFact(
      gettext("Average engagement index"),
      engagement ? formatPercent(engagement.mean) : missing,
    ),
  ];
}

/** Whether more figures may follow when the lesson is closed. */
function isPending({ state, withheld }: Report): boolean {
  return state !== "final" && (withheld === null || withheld === "not_yet");
}

/** Links to the files of the report. */
function buildDownloads(api: SessionApi): HTMLElement {
  const files: [string, string][] = [
    ["report.pdf", gettext("PDF, A4")],
    ["report.pdf?paper=letter", gettext("PDF, Letter")],
    ["report.xlsx", gettext("Excel workbook")],
    ["report.csv", gettext("CSV table")],
    ["report.json", gettext("JSON, for programs")],
  ];
  const links = files.map(([file, text]) =>
    element("li", {}, element("a", { href: api.getUrl(file), download: "" }, text)),
  );
  return element(
    "details",
    { class: "no-print downloads", "data-testid": "downloads" },
    element("summary", {}, gettext("Download")),
    element("ul", {}, ...links),
  );
}

function buildFact(name: string, value: string): HTMLElement {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}
