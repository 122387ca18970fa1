import { buildProblemList } from "../author/problems";
import { element, quietButton, replaceContent } from "../dom";
import { confirmAction } from "../page/confirm-dialog";
import { buildErrorPanel } from "../page/error-panel";
import { formatDateTime, gettext, interpolate } from "../text";
import "./rule-form";
import { buildSessionNote, formatVersion } from "./session-note";
import { RulesApi } from "../api/rules";
import type { LessonRules, Rule, RuleSpec, RuleSwitchRequest } from "../api/schema";

/** `<lesson-rules lesson="ID">`: the rules of a lesson and their switches. */
class LessonRulesPage extends HTMLElement {
  #api = new RulesApi(this.getAttribute("lesson") ?? "");
  #data: LessonRules | null = null;
  #status = element("div", { role: "status", "data-testid": "rules-status" });
  /** Rendered on each change, unlike the form below. */
  #rules = element("div", { class: "stack" });
  #formPlace = element("div");

  connectedCallback(): void {
    this.addEventListener("saved", () => {
      replaceContent(this.#formPlace);
      void this.#load(
        this.#data?.in_session
          ? gettext("Rule saved. It applies from the next session on.")
          : gettext("Rule saved. It applies from now on."),
      );
    });
    this.addEventListener("closed", () => this.#closeForm());
    void this.#load();
  }

  async #load(status = ""): Promise<void> {
    try {
      this.#data = await this.#api.list();
      if (!this.#rules.isConnected) this.#renderPage(this.#data);
      this.#renderRules(this.#data);
      if (status) this.#showStatus(status);
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
    }
  }

  #renderPage(all: LessonRules): void {
    replaceContent(
      this,
      element("h1", {}, gettext("Hint rules")),
      element(
        "p",
        { class: "lead" },
        gettext(
          "Each rule is one sentence. A student gets at most four hints per lesson from all rules, at least five minutes apart, and can always decline.",
        ),
      ),
      this.#status,
      this.#rules,
      this.#buildTemplates(all),
      this.#formPlace,
    );
  }

  /** Renders switches and cards; open details stay open. */
  #renderRules(all: LessonRules): void {
    const parts = (): HTMLDetailsElement[] => [...this.#rules.querySelectorAll("details")];
    const open = new Set(parts().flatMap((part) => (part.open ? [part.dataset["part"]] : [])));
    replaceContent(
      this.#rules,
      all.in_session && buildSessionNote(),
      this.#buildSwitches(all),
      ...all.rules.map((rule) => this.#buildCard(rule)),
    );
    for (const part of parts()) part.open = open.has(part.dataset["part"]);
  }

  #buildSwitches(all: LessonRules): HTMLElement {
    const { everywhere, lesson } = all.off;
    return element(
      "section",
      { class: "card" },
      element(
        "p",
        {},
        everywhere
          ? gettext("The administrator has switched hints off everywhere.")
          : lesson
            ? gettext("Hints are switched off in this lesson.")
            : gettext("Hints are on in this lesson."),
      ),
      this.#switchButton(
        lesson
          ? gettext("Switch hints on in this lesson")
          : gettext("Switch hints off in this lesson"),
        { off: !lesson },
        "switch-lesson",
      ),
      all.learners.length > 0 && this.#buildLearners(all),
    );
  }

  #buildLearners(all: LessonRules): HTMLElement {
    const boxes = all.learners.map(({ id, title }) => {
      const box = element("input", {
        type: "checkbox",
        checked: !all.off.learners.includes(id),
        onchange: () => void this.#switch({ off: !box.checked, learner_id: id }),
      });
      return element("label", { class: "tick" }, box, element("span", {}, title));
    });
    return element(
      "details",
      { "data-part": "learners" },
      element("summary", {}, gettext("For single students")),
      element("fieldset", {}, element("legend", {}, gettext("Students who get hints")), ...boxes),
    );
  }

  #buildCard(rule: Rule): HTMLElement {
    const change = (): void => this.#open(rule, rule);
    const copy = (): void => this.#open(null, { ...rule, template: rule.template });
    const remove = (): void => void this.#confirmRemove(rule);
    const scope = rule.editable ? gettext("your rule") : gettext("built-in rule");
    return element(
      "section",
      { class: "card rule", "data-testid": "rule", "data-off": rule.off },
      element("h2", {}, rule.title),
      element("p", {}, rule.sentence),
      this.#buildAudience(rule.spec),
      element(
        "p",
        { class: "small soft" },
        rule.off ? gettext("Switched off") : gettext("Active"),
        " · ",
        scope,
        " · ",
        formatVersion(rule, this.#data?.in_session ?? false),
      ),
      element(
        "div",
        { class: "row" },
        this.#switchButton(
          rule.off ? gettext("Switch on") : gettext("Switch off"),
          { off: !rule.off, rule_id: rule.id },
          "switch-rule",
          rule.title,
        ),
        rule.editable
          ? quietButton(gettext("Change"), change, "change-rule", rule.title)
          : quietButton(gettext("Copy"), copy, "copy-rule", rule.title),
        rule.editable && quietButton(gettext("Delete"), remove, "remove-rule", rule.title),
      ),
      this.#buildVersions(rule),
    );
  }

  #buildAudience({ groups, learners }: RuleSpec): HTMLElement | null {
    if (groups.length + learners.length === 0) return null;
    const all = this.#data as LessonRules;
    const titles = [
      ...all.groups.filter(({ id }) => groups.includes(Number(id))),
      ...all.learners.filter(({ id }) => learners.includes(id)),
    ].map(({ title }) => title);
    const text = titles.length
      ? interpolate(gettext("Only for: %(titles)s"), { titles: titles.join(", ") })
      : gettext("For nobody: its group or students no longer exist.");
    return element("p", {}, text);
  }

  #buildVersions(rule: Rule): HTMLElement {
    const list = element("ol", { reversed: true, class: "versions" });
    const details = element(
      "details",
      { "data-part": `rule-${rule.id}` },
      element("summary", {}, gettext("Earlier versions")),
      list,
    );
    details.addEventListener("toggle", () => {
      if (details.open) void this.#showVersions(rule, list);
    });
    return details;
  }

  async #showVersions(rule: Rule, list: HTMLElement): Promise<void> {
    const versions = await this.#api.listVersions(rule.id).catch(() => []);
    const rows = versions.map((version) => {
      const restore = (): void => this.#open(rule, { ...rule, spec: version.spec });
      const isOld = version.number !== rule.number && rule.editable;
      return element(
        "li",
        { value: version.number },
        version.sentence,
        element("br"),
        element(
          "span",
          { class: "small soft" },
          formatDateTime(version.made_at),
          " ",
          version.made_by,
        ),
        isOld &&
          quietButton(gettext("Start from this version"), restore, "old-version", rule.title),
      );
    });
    replaceContent(list, ...rows);
  }

  #buildTemplates(all: LessonRules): HTMLElement {
    const rows = all.templates.map((template) =>
      element(
        "li",
        {},
        element("strong", {}, template.title),
        element("p", {}, template.sentence),
        quietButton(
          gettext("Use this template"),
          () => this.#open(null, { ...template, template: template.name }),
          `template-${template.name}`,
          template.title,
        ),
      ),
    );
    return element(
      "section",
      { class: "card" },
      element("h2", {}, gettext("New rule")),
      element("ul", { class: "templates" }, ...rows),
    );
  }

  #open(rule: Rule | null, start: { title: string; template: string; spec: RuleSpec }): void {
    const form = Object.assign(element("rule-form"), {
      api: this.#api,
      all: this.#data,
      rule,
      start,
      draftName: this.#nameDraft(rule, start.template, start === rule),
    });
    replaceContent(this.#formPlace, form);
    const first = form.querySelector<HTMLElement>("h2");
    if (!first) return;
    first.tabIndex = -1;
    first.focus();
    first.scrollIntoView();
  }

  /** A copy, a template and an earlier version have drafts of their own. */
  #nameDraft(rule: Rule | null, template: string, isCurrent: boolean): string {
    const start = rule ? `${rule.id}${isCurrent ? "" : ".version"}` : `new.${template}`;
    return `rule.${this.getAttribute("lesson") ?? ""}.${start}`;
  }

  #closeForm(): void {
    replaceContent(this.#formPlace);
    this.querySelector<HTMLElement>("[data-testid=switch-lesson]")?.focus();
  }

  async #confirmRemove(rule: Rule): Promise<void> {
    const isConfirmed = await confirmAction(this, {
      title: interpolate(gettext("Delete “%(title)s”?"), { title: rule.title }),
      consequence: gettext("A deleted rule cannot be restored. Switching it off can be undone."),
      confirmLabel: gettext("Delete"),
    });
    if (isConfirmed) await this.#run(() => this.#remove(rule));
  }

  async #remove(rule: Rule): Promise<void> {
    await this.#api.delete(rule.id);
    if (this.querySelector("rule-form")?.rule?.id === rule.id) replaceContent(this.#formPlace);
    await this.#load(gettext("Rule deleted. Hints it gave keep their explanation."));
  }

  #switch(change: RuleSwitchRequest): Promise<void> {
    return this.#run(async () => {
      await this.#api.setSwitch(change);
      await this.#load(
        change.off
          ? gettext("Switched off. It applies at once.")
          : this.#data?.in_session
            ? gettext("Switched on. It applies from the next session on.")
            : gettext("Switched on."),
      );
    });
  }

  #switchButton(
    text: string,
    change: RuleSwitchRequest,
    testId: string,
    context = "",
  ): HTMLElement {
    return quietButton(text, () => void this.#switch(change), testId, context);
  }

  #showStatus(text: string): void {
    const status = element("p", { class: "note", tabindex: "-1" }, text);
    replaceContent(this.#status, status);
    status.focus();
  }

  async #run(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const problems = buildProblemList(error);
      replaceContent(this.#status, problems);
      problems.focus();
    }
  }
}

customElements.define("lesson-rules", LessonRulesPage);
