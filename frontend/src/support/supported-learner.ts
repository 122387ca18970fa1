import { ApiProblem } from "../api/http";
import type { SharedReport, SharedSession } from "../api/schema";
import { getSharedReport, getSupportedLearner } from "../api/support";
import { element, focusHeading, replaceContent } from "../dom";
import { learnerFigures } from "../my/figures";
import { minutesOf } from "../my/minutes";
import { saidTable } from "../my/said-table";
import { errorPanel } from "../page/error-panel";
import { dayAndTime, gettext, interpolate } from "../text";

const LOOK_AGAIN_MS = 30_000;

/**
 * `<supported-learner link="…">`: the learner's own view of what is shared, to be read only. Looked
 * at anew again and again: what is no longer shared does not stay on the screen.
 */
class SupportedLearner extends HTMLElement {
  #link = this.getAttribute("link") ?? "";
  #name = this.querySelector("h1")?.textContent ?? "";
  #shown = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    this.#timer = setInterval(() => void this.#lookAgain(), LOOK_AGAIN_MS);
    globalThis.addEventListener("pageshow", this.#cameBack);
    void this.#load("", false);
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    globalThis.removeEventListener("pageshow", this.#cameBack);
  }

  #cameBack = (event: PageTransitionEvent): void => {
    if (event.persisted) void this.#load(this.#shown, false);
  };

  async #load(wanted: string, moveFocus = true): Promise<void> {
    try {
      const sittings = await this.#sittings();
      const chosen = sittings.find(({ session_id: id }) => id === wanted) ?? sittings[0];
      if (chosen) await this.#show(sittings, chosen);
      else this.#showNothing();
    } catch (error) {
      if (isGone(error)) this.#showNothing();
      else this.#showProblem(error, wanted);
    }
    if (moveFocus) focusHeading(this);
  }

  /** Only whether it is still shared: nothing is looked at by that. */
  async #lookAgain(): Promise<void> {
    if (!this.#shown) return;
    try {
      const sittings = await this.#sittings();
      if (!sittings.some(({ session_id: id }) => id === this.#shown)) await this.#load("");
    } catch {
      // Asked again at the next turn.
    }
  }

  async #sittings(): Promise<SharedSession[]> {
    try {
      return (await getSupportedLearner(this.#link)).sittings;
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }

  async #show(sittings: SharedSession[], chosen: SharedSession): Promise<void> {
    const report = await getSharedReport(this.#link, chosen.session_id);
    this.#shown = chosen.session_id;
    replaceContent(
      this,
      element("h1", {}, this.#name),
      sittings.length > 1 && this.#choice(sittings),
      ...sharedContent(report, this.#name),
    );
  }

  #choice(sittings: SharedSession[]): HTMLElement {
    const select = element("select", { id: "sitting", "data-testid": "sitting" });
    for (const { session_id: value, lesson, started_at: at } of sittings) {
      const selected = value === this.#shown;
      select.append(element("option", { value, selected }, `${lesson}, ${dayAndTime(at)}`));
    }
    select.addEventListener("change", () => void this.#load(select.value));
    const words = element("span", {}, gettext("Shared lessons"));
    return element("label", { class: "field", for: "sitting" }, words, select);
  }

  #showNothing(): void {
    this.#shown = "";
    replaceContent(
      this,
      element("h1", {}, this.#name),
      element(
        "p",
        { class: "lead", "data-testid": "nothing-shared" },
        gettext("Nothing is shared with you at the moment."),
      ),
      element(
        "p",
        {},
        gettext(
          "Each learner decides, lesson by lesson, and there can be many reasons why nothing stands here. You do not need to do anything, and please do not ask the learner about it.",
        ),
      ),
    );
  }

  #showProblem(error: unknown, wanted: string): void {
    this.#shown = "";
    replaceContent(
      this,
      errorPanel(error, () => void this.#load(wanted)),
    );
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

function sharedContent(report: SharedReport, name: string): HTMLElement[] {
  const titles = {
    index: gettext("Engagement index over time"),
    expressions: gettext("What the expressions looked like to the computer"),
  };
  const minutes = minutesOf(report.windows, report.started_at);
  return [
    element("p", { class: "soft" }, `${report.lesson}, ${dayAndTime(report.started_at)}`),
    element("p", { class: "lead", "data-testid": "shared" }, sharedWords(name)),
    element(
      "p",
      {},
      gettext("You can read it; only the learner can change or delete it."),
      " ",
      untilWords(report),
    ),
    element("p", { class: "note" }, limitsForOthers()),
    learnerFigures(report.windows, report.started_at, titles),
    element("section", { class: "card" }, saidTable(minutes, name)),
  ];
}

function sharedWords(name: string): string {
  return interpolate(
    gettext("%(name)s shares this with you, and can take that back at any moment."),
    { name },
  );
}

function untilWords({ kept_until: until }: SharedReport): string {
  if (!until) return "";
  return interpolate(gettext("It is deleted on %(when)s at the latest."), {
    when: dayAndTime(until),
  });
}

function limitsForOthers(): string {
  return gettext(
    "The computer guesses from pictures how a face looks. It is often wrong, and it cannot tell what a person felt or thought. What the learner says counts for more.",
  );
}

customElements.define("supported-learner", SupportedLearner);
