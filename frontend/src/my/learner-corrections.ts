import type { SessionApi } from "../api/sessions";
import { element, emit, focusHeading, replaceContent } from "../dom";
import { FormDraft, forgetDraft } from "../page/form-draft";
import { formatLabel } from "../reading-text";
import { formatPercent, gettext, interpolate } from "../text";
import type { Minute } from "./minutes";

const CORRECTION_KINDS = ["thinking", "interested", "fine", "tired", "stuck", "other"] as const;

function formatCorrectionKind(value: string): string {
  switch (value) {
    case "thinking":
      return gettext("I was thinking");
    case "interested":
      return gettext("I was interested");
    case "fine":
      return gettext("I was fine");
    case "tired":
      return gettext("I was tired");
    case "stuck":
      return gettext("I was stuck");
    default:
      return gettext("It was something else");
  }
}

/**
 * `<learner-corrections>`: readings by minute with the learner's corrections. Emits "correction-
 * changed".
 */
export class LearnerCorrections extends HTMLElement {
  api: SessionApi | null = null;
  #dialog = element("dialog", { "aria-labelledby": "correction-title" });

  show(minutes: Minute[]): void {
    const heads = [
      gettext("Minute"),
      gettext("What the computer guessed"),
      gettext("What you say"),
    ].map((title) => element("th", { scope: "col" }, title));
    const table = element(
      "table",
      {},
      element("caption", {}, gettext("The computer's guess, and what you say")),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...minutes.map((minute) => this.#row(minute))),
    );
    const label = { role: "region", "aria-label": gettext("What you say"), tabindex: "0" };
    replaceContent(
      this,
      element("h2", {}, gettext("Was the computer wrong?")),
      element(
        "p",
        {},
        gettext("You know best. Your correction is shown next to the computer's guess."),
      ),
      element("div", { class: "table-scroll whole", ...label }, table),
      this.#dialog,
    );
  }

  #row(minute: Minute): HTMLElement {
    const name = formatMinuteTitle(minute);
    const change = {
      type: "button",
      class: "quiet",
      "aria-label": interpolate(gettext("%(minute)s: correct this"), { minute: name }),
      "data-testid": "correction-changed",
      onclick: () => this.#ask(minute),
    };
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", {}, formatReading(minute)),
      element(
        "td",
        {},
        element("p", { "data-testid": "correction-said" }, formatCorrection(minute)),
        element("button", change, gettext("Correct this")),
      ),
    );
  }

  #ask(minute: Minute): void {
    const problem = element("p", { role: "alert" });
    const own = element("input", {
      type: "text",
      name: "text",
      maxlength: "200",
      id: "correction-text",
      value: minute.correction?.text ?? "",
    });
    const form = element(
      "form",
      { class: "stack", method: "dialog" },
      element("h2", { id: "correction-title" }, gettext("How was it?")),
      element("p", { class: "soft" }, formatMinuteTitle(minute)),
      buildChoices(minute.correction?.value ?? ""),
      element("label", { for: "correction-text" }, gettext("In your own words (optional)")),
      own,
      problem,
      this.#buttons(minute, problem),
    );
    new FormDraft(form, this.#nameDraft(minute));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = form.querySelector<HTMLInputElement>("input[name=said]:checked");
      if (chosen) void this.#save(minute, chosen.value, own.value, problem);
      else problem.textContent = gettext("Choose one first.");
    });
    replaceContent(this.#dialog, form);
    this.#dialog.showModal();
    focusHeading(this.#dialog);
  }

  #nameDraft({ starts }: Minute): string {
    return `correction.${this.api?.sessionId ?? ""}.${starts[0] ?? ""}`;
  }

  #buttons(minute: Minute, problem: HTMLElement): HTMLElement {
    const close = { type: "button", class: "quiet", onclick: () => this.#dialog.close() };
    const back = {
      type: "button",
      class: "quiet",
      "data-testid": "correction-back",
      onclick: () => void this.#save(minute, "", "", problem),
    };
    return element(
      "div",
      { class: "row" },
      element("button", { type: "submit", "data-testid": "correction-keep" }, gettext("Save")),
      minute.correction && element("button", back, gettext("Remove my correction")),
      element("button", close, gettext("Cancel")),
    );
  }

  async #save(minute: Minute, value: string, text: string, problem: HTMLElement): Promise<void> {
    try {
      for (const start of minute.starts) await this.api?.correctWindow(start, value, text);
      forgetDraft(this.#nameDraft(minute));
      this.#dialog.close();
      emit(this, "correction-changed");
    } catch {
      problem.textContent = gettext("That did not work. Please try again.");
    }
  }
}

export function formatMinuteTitle({ number }: Minute): string {
  return interpolate(gettext("Minute %(n)s"), { n: number + 1 });
}

export function formatReading({ engagement, topLabel, starts }: Minute): string {
  if (starts.length === 0) return gettext("camera off");
  if (topLabel === null) return gettext("not enough visible");
  const looked = interpolate(gettext("Most likely: %(label)s"), {
    label: formatLabel(topLabel),
  });
  if (engagement === null) return looked;
  return interpolate(gettext("%(looked)s. Engagement index %(index)s"), {
    looked,
    index: formatPercent(engagement),
  });
}

export function formatCorrection({ correction, starts }: Minute): string {
  if (!correction) return starts.length ? gettext("no correction") : "";
  return correction.text
    ? `${formatCorrectionKind(correction.value)}: ${correction.text}`
    : formatCorrectionKind(correction.value);
}

function buildChoices(value: string): HTMLElement {
  const options = CORRECTION_KINDS.map((kind) =>
    element(
      "label",
      { class: "row" },
      element("input", { type: "radio", name: "said", value: kind, checked: kind === value }),
      formatCorrectionKind(kind),
    ),
  );
  const legend = element("legend", { class: "visually-hidden" }, gettext("How was it?"));
  return element("fieldset", { class: "stack plain" }, legend, ...options);
}

customElements.define("learner-corrections", LearnerCorrections);
