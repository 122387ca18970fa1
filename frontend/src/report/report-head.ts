import type { Report, Session } from "../api/schema";
import { getMinGroupSize } from "../charts/withheld-text";
import { button, element, replaceContent } from "../dom";
import { icon, type IconName } from "../icons";
import { formatDateTime, formatPercent, gettext, interpolate } from "../text";

/** Head of a report: finding, state and key figures. */
export class ReportHead {
  onEnd: (button: HTMLButtonElement) => void = () => undefined;

  #place = element("p", { class: "soft report-place" });
  #finding = element("h1", { "data-testid": "finding" });
  #state = element("p", { class: "report-state", "data-testid": "report-state" });
  #facts = element("dl", { class: "facts" });
  #simulated = element("p", { class: "soft" }, gettext("Some of these students are simulated."));
  #studentLink = element("p", { class: "soft no-print" });
  #end = element(
    "button",
    { type: "button", "data-testid": "end-lesson", onclick: () => this.onEnd(this.#end) },
    gettext("End the lesson"),
  );
  #print = button(gettext("Print"), () => globalThis.print(), { class: "quiet" });

  readonly node = element(
    "header",
    { class: "report-header" },
    this.#place,
    this.#finding,
    this.#state,
    element("div", { class: "row no-print" }, this.#end, this.#print),
    this.#studentLink,
    this.#facts,
    this.#simulated,
  );

  /** `studentAddress`: link for students, if any. */
  constructor(getStudentUrl: string | null) {
    if (!getStudentUrl) return;
    const link = element("a", { href: getStudentUrl }, getStudentUrl);
    replaceContent(this.#studentLink, gettext("Link for students:"), " ", link);
  }

  show(session: Session, report: Report): void {
    const started = formatDateTime(session.started_at);
    this.#place.textContent = `${report.title} · ${started}`;
    if (this.#finding.textContent !== report.finding) this.#finding.textContent = report.finding;
    if (this.#state.dataset["state"] !== report.state) this.#renderState(report.state);
    replaceContent(this.#facts, ...buildFacts(report));
    this.#simulated.hidden = !report.simulated;
    if (session.state === "open") return;
    this.#end.remove();
    this.#studentLink.remove();
  }

  #renderState(state: Report["state"]): void {
    this.#state.dataset["state"] = state;
    replaceContent(
      this.#state,
      icon(STATE_ICONS[state]),
      element("span", {}, formatReportState(state)),
    );
  }
}

const STATE_ICONS: Record<Report["state"], IconName> = {
  open: "play",
  provisional: "reconnecting",
  final: "good",
};

function formatReportState(state: Report["state"]): string {
  if (state === "open")
    return gettext(
      "Open: the lesson is running. Results are updated in steps, when enough has changed.",
    );
  if (state === "provisional")
    return gettext("Provisional: the lesson has ended. The last results are being added.");
  return gettext("Final: these results no longer change.");
}

function buildFacts(report: Report): HTMLElement[] {
  const atLeast = report.contributors_at_least;
  const mean = report.engagement?.mean ?? null;
  return [
    buildFact(
      gettext("Students included"),
      atLeast === null
        ? interpolate(gettext("fewer than %(n)s"), { n: getMinGroupSize() })
        : interpolate(gettext("at least %(n)s"), { n: atLeast }),
    ),
    buildFact(gettext("Visible time"), formatOptionalShare(report.coverage)),
    buildFact(gettext("Average engagement index"), formatOptionalShare(mean)),
  ];
}

function buildFact(name: string, value: string): HTMLElement {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

function formatOptionalShare(share: number | null): string {
  return share === null ? gettext("not shown") : formatPercent(share);
}
