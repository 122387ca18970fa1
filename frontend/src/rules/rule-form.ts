import { ApiProblem } from "../api/http";
import type { RulesApi } from "../api/rules";
import type { LessonRules, Option, Rule, RuleSpec, RuleVersion } from "../api/schema";
import { buildSelect, buildTextField, readValue } from "../author/fields";
import { buildMergePanel, findStoredVersion } from "../author/merge";
import { buildProblemList } from "../author/problems";
import { element, emit, replaceContent } from "../dom";
import { FormDraft } from "../page/form-draft";
import { gettext } from "../text";
import { formatSpans, parseSpans } from "./quiet-minutes";
import { buildMergeFields } from "./rule-merge";
import { buildPreview } from "./rule-preview";
import { readSpec, SELF_REPORT } from "./rule-spec";
import { buildSlider } from "./slider";
import {
  formatCoverage,
  formatHeldWindows,
  formatMinutes,
  formatThreshold,
  formatTimes,
} from "./slider-text";
import { buildCheckboxes } from "./ticks";

/** `<rule-form>`: editor of one rule with preview. Emits "saved" and "closed". */
export class RuleForm extends HTMLElement {
  api: RulesApi | null = null;
  all: LessonRules | null = null;
  /** The rule to change; null for a new one. */
  rule: Rule | null = null;
  /** Name of the draft of what is typed here. */
  draftName = "";
  start: { title: string; template: string; spec: RuleSpec } | null = null;

  #draft: FormDraft | null = null;
  #form = element("form", { novalidate: true, class: "card rule-form" });
  #status = element("div", { role: "status" });
  #output = element("output", { "data-testid": "rule-sentence" });

  connectedCallback(): void {
    if (!this.all || !this.start || !this.api || this.#form.isConnected) return;
    this.#fill(this.api, this.all, this.start);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    this.#form.addEventListener("input", () => this.#renderSentence());
    replaceContent(this, this.#form);
    this.#draft = new FormDraft(this.#form, this.draftName, this.rule?.number);
  }

  #fill(api: RulesApi, all: LessonRules, { title, spec }: { title: string; spec: RuleSpec }): void {
    replaceContent(
      this.#form,
      element("h2", {}, this.rule ? gettext("Change the rule") : gettext("New rule")),
      this.rule
        ? element("p", {}, element("strong", {}, this.rule.title))
        : buildTextField(gettext("Name"), "title", title, { maxlength: 120 }),
      element(
        "p",
        { class: "note" },
        element("strong", {}, gettext("The rule reads:")),
        " ",
        this.#output,
      ),
      this.#buildSentence(spec),
      this.#buildSensitivity(spec),
      this.#setTargetFps(spec),
      this.#buildAudience(spec),
      buildTextField(gettext("Your own hint text (optional)"), "text", spec.text, {
        maxlength: 500,
        hint: gettext(
          "If empty, the step's hints are used. Write about the material, not about the student.",
        ),
      }),
      buildPreview(api, all, () => this.spec(), this.rule?.id ?? null),
      this.#renderActions(),
      this.#status,
    );
    this.#renderSentence();
    this.#form
      .querySelector("[name=evidence]")
      ?.addEventListener("change", () => this.#evidenceChanged());
  }

  #buildSentence(spec: RuleSpec): HTMLElement {
    const all = this.all as LessonRules;
    const pairs = (named: Option[]): [string, string][] =>
      named.map(({ id, title }) => [id, title]);
    return element(
      "fieldset",
      { class: "sentence" },
      element("legend", {}, gettext("The rule in a sentence")),
      buildSelect(gettext("When there are"), "evidence", spec.evidence, pairs(all.evidence)),
      this.#buildSlider(
        "held_windows",
        spec.held_windows,
        1,
        gettext("that last"),
        formatHeldWindows,
      ),
      buildSelect(gettext("then offer"), "action", spec.action, pairs(all.actions)),
    );
  }

  #buildSensitivity(spec: RuleSpec): HTMLElement {
    return element(
      "fieldset",
      {},
      element("legend", {}, gettext("Sensitivity")),
      this.#buildSlider("threshold", spec.threshold, 0.05, gettext("React"), formatThreshold),
      this.#buildSlider(
        "minimum_coverage",
        spec.minimum_coverage,
        0.05,
        gettext("Use the face only if it was visible"),
        formatCoverage,
        gettext("A face alone is never enough: an action or an answer must confirm it."),
      ),
    );
  }

  #setTargetFps(spec: RuleSpec): HTMLElement {
    return element(
      "fieldset",
      {},
      element("legend", {}, gettext("How often")),
      this.#buildSlider(
        "cooldown_seconds",
        spec.cooldown_seconds,
        60,
        gettext("After a hint, wait at least"),
        formatMinutes,
      ),
      this.#buildSlider(
        "max_per_lesson",
        spec.max_per_lesson,
        1,
        gettext("In one lesson"),
        formatTimes,
      ),
      this.#buildSlider(
        "quiet_start_seconds",
        spec.quiet_start_seconds,
        30,
        gettext("No hints in the first"),
        formatMinutes,
      ),
    );
  }

  #buildAudience(spec: RuleSpec): HTMLElement {
    const all = this.all as LessonRules;
    return element(
      "details",
      { class: "part" },
      element("summary", {}, gettext("Steps and students")),
      buildCheckboxes(
        gettext("Only in these steps (none ticked: all)"),
        "steps",
        all.steps,
        spec.steps,
      ),
      buildCheckboxes(
        gettext("Never in these steps, for example a test"),
        "quiet_steps",
        all.steps,
        spec.quiet_steps,
      ),
      buildTextField(
        gettext("No hints in these minutes of the lesson (optional)"),
        "quiet_minutes",
        formatSpans(spec.quiet_minutes),
        { hint: gettext("Ranges separated by commas, such as 0-5, 20-25.") },
      ),
      buildCheckboxes(
        gettext("Only for these students (none ticked: all)"),
        "learners",
        all.learners,
        spec.learners,
      ),
      all.groups.length + spec.groups.length > 0 &&
        buildCheckboxes(gettext("Only for these groups"), "groups", all.groups, spec.groups),
      element(
        "p",
        { class: "small" },
        element("a", { href: "../groups/", target: "_blank" }, gettext("Student groups")),
        " ",
        gettext("(opens in a new window; your changes here are not lost)"),
      ),
    );
  }

  #buildSlider(
    name: keyof RuleSpec,
    value: number,
    step: number,
    label: string,
    text: (value: number) => string,
    hint?: string,
  ): HTMLElement {
    const limit = this.all?.limits[name] ?? { low: 0, high: 1 };
    return buildSlider({
      name,
      value,
      step,
      label,
      text,
      low: limit.low,
      high: limit.high,
      ...(hint ? { hint } : {}),
    });
  }

  #renderSentence(): void {
    const all = this.all as LessonRules;
    const titleOf = (named: Option[], id: string): string =>
      named.find((option) => option.id === id)?.title ?? "";
    const spec = this.spec();
    // Names and values after a colon: in a sentence they would need another case.
    const parts: [string, string][] = [
      [gettext("What starts it"), titleOf(all.evidence, spec.evidence)],
      [gettext("How long it lasts"), formatHeldWindows(spec.held_windows)],
      [gettext("What is offered"), titleOf(all.actions, spec.action)],
      [gettext("Pause afterwards"), formatMinutes(spec.cooldown_seconds)],
      [gettext("At most in a lesson"), formatTimes(spec.max_per_lesson)],
    ];
    this.#output.textContent = parts.map(([name, value]) => `${name}: ${value}`).join(" · ");
  }

  /** A self-report applies immediately and needs no other source. */
  #evidenceChanged(): void {
    const heldWindows = this.#form.querySelector<HTMLInputElement>("[name=held_windows]");
    if (!heldWindows) return;
    const isSelfReport = readValue(this.#form, "evidence") === SELF_REPORT;
    heldWindows.value = String(isSelfReport ? 0 : Math.max(Number(heldWindows.value), 5));
    heldWindows.dispatchEvent(new Event("input", { bubbles: true }));
  }

  spec(): RuleSpec {
    return readSpec(this.#form, this.start?.spec as RuleSpec, this.all?.limits ?? {});
  }

  /** Throws an ApiProblem for invalid input, which cannot be sent. */
  #readQuietMinutes(): void {
    if (parseSpans(readValue(this.#form, "quiet_minutes"))) return;
    const text = gettext("Write minutes without hints as ranges, such as 0-5, 20-25.");
    throw new ApiProblem(400, null, text);
  }

  #renderActions(): HTMLElement {
    return element(
      "div",
      { class: "row" },
      element("button", { type: "submit", "data-testid": "save-rule" }, gettext("Save the rule")),
      element(
        "button",
        { type: "button", class: "quiet", onclick: () => emit(this, "closed") },
        gettext("Close"),
      ),
    );
  }

  async #save(): Promise<void> {
    if (!this.api || !this.start) return;
    replaceContent(this.#status);
    try {
      this.#readQuietMinutes();
      if (this.rule) await this.api.addVersion(this.rule.id, this.spec(), this.rule.number);
      else await this.api.create(readValue(this.#form, "title"), this.start.template, this.spec());
      this.#draft?.saved();
      emit(this, "saved");
    } catch (error) {
      const problems = this.#buildMerge(error) ?? buildProblemList(error);
      replaceContent(this.#status, problems);
      problems.focus();
    }
  }

  /** Both versions of each part, where somebody else has changed the rule meanwhile. */
  #buildMerge(error: unknown): HTMLElement | null {
    const stored = findStoredVersion(error) as RuleVersion | null;
    const { rule, all, api, start } = this;
    if (!stored || !rule || !all || !api || !start) return null;
    return buildMergePanel<RuleSpec>({
      base: rule.spec,
      readMine: () => this.spec(),
      theirs: stored.spec,
      fields: buildMergeFields(all),
      save: (merged) => {
        this.rule = { ...rule, spec: stored.spec, number: stored.number };
        this.start = { ...start, spec: merged };
        if (this.#draft) this.#draft.base = stored.number;
        this.#fill(api, all, this.start);
        void this.#save();
      },
    });
  }
}

customElements.define("rule-form", RuleForm);
