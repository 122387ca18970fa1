import type { Report, Session } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { element, focusHeading, replaceContent } from "../dom";
import { errorPanel } from "../page/error-panel";
import { clockTime, gettext, interpolate } from "../text";
import { endLesson } from "./end-lesson";
import { putLimitsOnPaper } from "./paper-footer";
import { ReportFigures } from "./report-figures";
import { ReportHead } from "./report-head";
import { ReportLimits } from "./report-limits";

const ASK_EVERY_MS = 5_000;

/** `<report-page session="…">`: the report of one sitting; asked again until it is final. */
class ReportPage extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");
  #head = new ReportHead(studentAddress(this));
  #figures = new ReportFigures();
  #limits = new ReportLimits();
  #fresh = element("p", { class: "small soft no-print", role: "status" });
  #session: Session | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    document.addEventListener("visibilitychange", this.#seenAgain);
    this.#head.onEnd = (button) => void this.#end(button);
    putLimitsOnPaper();
    void this.#load();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#seenAgain);
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      const [session, report] = await Promise.all([this.#api.getSession(), this.#api.getReport()]);
      replaceContent(this, this.#head.node, this.#fresh, this.#figures.node, this.#limits.node);
      this.#show(session, report);
    } catch (error) {
      replaceContent(
        this,
        errorPanel(error, () => void this.#load()),
      );
      focusHeading(this);
    }
  }

  #show(session: Session, report: Report): void {
    this.#session = session;
    this.#head.show(session, report);
    this.#figures.show(report, session.started_at);
    this.#limits.show(report);
    document.title = `${report.title} – fer-lms`;
    if (report.state !== "final") this.#askLater();
    else this.#fresh.textContent = "";
  }

  #askLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), ASK_EVERY_MS);
  }

  async #ask(): Promise<void> {
    if (document.hidden) return;
    try {
      const [session, report] = await Promise.all([this.#api.getSession(), this.#api.getReport()]);
      this.#fresh.textContent = "";
      this.#show(session, report);
    } catch {
      this.#fresh.textContent = interpolate(
        gettext(
          "The school's computer does not answer. These figures are from %(time)s or before.",
        ),
        { time: clockTime(new Date().toISOString()) },
      );
      this.#askLater();
    }
  }

  async #end(button: HTMLButtonElement): Promise<void> {
    if (!this.#session || !(await endLesson(this, this.#api))) return;
    await this.#ask();
    if (!button.isConnected) focusHeading(this);
  }

  #seenAgain = (): void => {
    if (!document.hidden && this.#session) void this.#ask();
  };
}

function studentAddress(page: HTMLElement): string | null {
  const path = page.getAttribute("student-path");
  return path ? new URL(path, location.href).href : null;
}

customElements.define("report-page", ReportPage);
