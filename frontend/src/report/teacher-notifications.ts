import type { TeacherNotification } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { button, element, replaceContent } from "../dom";
import { icon } from "../icons";
import { formatTime, gettext, interpolate } from "../text";

const POLL_INTERVAL_MS = 15_000;

/**
 * `<teacher-notifications session="ID">`: requests for the teacher's help, until marked as seen.
 */
export class TeacherNotifications extends HTMLElement {
  #api = new SessionApi("");
  #timer: ReturnType<typeof setInterval> | undefined;
  #list = element("div", { class: "teacher-notifications", role: "status" });

  connectedCallback(): void {
    this.#api = new SessionApi(this.getAttribute("session") ?? "");
    replaceContent(this, this.#list);
    void this.#poll();
    this.#timer = setInterval(() => void this.#poll(), POLL_INTERVAL_MS);
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  async #poll(): Promise<void> {
    const notifications = await this.#api.listNotifications().catch(() => null);
    if (!notifications) return;
    const rows = notifications
      .filter(({ seen }) => !seen)
      .map((notification) => this.#buildRow(notification));
    replaceContent(this.#list, rows.length > 0 && element("ul", {}, ...rows));
  }

  #buildRow(notification: TeacherNotification): HTMLElement {
    const text = notification.step
      ? gettext("%(learner)s asks for help: “%(step)s” is hard (%(time)s).")
      : gettext("%(learner)s asks for help (%(time)s).");
    const seen = (): void => void this.#markSeen(notification);
    return element(
      "li",
      { class: "row" },
      icon("notice"),
      element(
        "span",
        {},
        interpolate(text, {
          learner: notification.learner,
          step: notification.step,
          time: formatTime(notification.said_at),
        }),
      ),
      button(gettext("Mark as seen"), seen, { class: "quiet" }),
    );
  }

  async #markSeen(notification: TeacherNotification): Promise<void> {
    await this.#api.markNotificationSeen(notification.id).catch(() => undefined);
    await this.#poll();
  }
}

customElements.define("teacher-notifications", TeacherNotifications);
