import type { Report, Session } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { element, focusHeading, replaceContent } from "../dom";
import { buildErrorPanel } from "../page/error-panel";
import { formatTime, gettext, interpolate } from "../text";
import "./demo-tour";
import { confirmEndLesson } from "./end-lesson";
import { LivePanel } from "./live-panel";
import { addPrintFooter } from "./print-footer";
import { ReportCharts } from "./report-charts";
import { ReportHead } from "./report-head";
import { ReportLimits } from "./report-limits";
import { getStudentUrl } from "./student-url";
import "./teacher-notifications";

const POLL_INTERVAL_MS = 5_000;

/** `<report-page session="ID">`: the report of a session, polled until final. */
class ReportPage extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");
  #studentUrl = buildStudentUrl(this);
  #head = new ReportHead(this.#api, this.#studentUrl);
  #tour = this.#studentUrl ? element("demo-tour", { "student-url": this.#studentUrl }) : null;
  #requests = element("teacher-notifications", { session: this.#api.sessionId });
  #live = new LivePanel(this.#api.sessionId);
  #charts = new ReportCharts();
  #limits = new ReportLimits();
  #staleNote = element("p", { class: "small soft no-print", role: "status" });
  #session: Session | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    document.addEventListener("visibilitychange", this.#handleVisibility);
    this.#head.onEnd = (button) => void this.#end(button);
    addPrintFooter();
    void this.#load();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#handleVisibility);
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      const [session, report] = await Promise.all([this.#api.getSession(), this.#api.getReport()]);
      replaceContent(
        this,
        this.#tour,
        this.#head.node,
        this.#staleNote,
        this.#requests,
        this.#live.node,
        this.#head.details,
        this.#charts.node,
        this.#limits.node,
      );
      this.#show(session, report);
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
      focusHeading(this);
    }
  }

  #show(session: Session, report: Report): void {
    this.#session = session;
    this.#head.show(session, report);
    this.#live.show(report);
    this.#charts.show(report);
    this.#limits.show(report);
    document.title = `${report.title} – fer-lms`;
    if (report.state !== "final") this.#schedulePoll();
    else this.#staleNote.textContent = "";
  }

  #schedulePoll(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#poll(), POLL_INTERVAL_MS);
  }

  async #poll(): Promise<void> {
    if (document.hidden) return;
    try {
      const [session, report] = await Promise.all([this.#api.getSession(), this.#api.getReport()]);
      this.#staleNote.textContent = "";
      this.#show(session, report);
    } catch {
      this.#staleNote.textContent = interpolate(
        gettext("No connection to the server. These results are from %(time)s or earlier."),
        { time: formatTime(new Date().toISOString()) },
      );
      this.#schedulePoll();
    }
  }

  async #end(button: HTMLButtonElement): Promise<void> {
    if (!this.#session || !(await confirmEndLesson(this, this.#api))) return;
    await this.#poll();
    if (!button.isConnected) focusHeading(this);
  }

  #handleVisibility = (): void => {
    if (!document.hidden && this.#session) void this.#poll();
  };
}

/** Only in the demonstration. */
function buildStudentUrl(page: HTMLElement): string | null {
  const path = page.getAttribute("student-path");
  return path ? getStudentUrl(path, location.href) : null;
}

customElements.define("report-page", ReportPage);
