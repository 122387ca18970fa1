import { buildProblemList } from "../author/problems";
import { element, replaceContent } from "../dom";
import { buildErrorPanel } from "../page/error-panel";
import { formatDateTime, gettext, interpolate } from "../text";
import "./rule-form";
import { RulesApi } from "../api/rules";
import type { LessonRules, Rule, RuleSpec, RuleSwitchRequest } from "../api/schema";

/** `<lesson-rules lesson="ID">`: the rules of a lesson and their switches. */
class LessonRulesPage extends HTMLElement {
  #api = new RulesApi(this.getAttribute("lesson") ?? "");
  #all: LessonRules | null = null;
  #status = element("div", { role: "status", "data-testid": "rules-status" });
  /** Rendered on each change, unlike the form below. */
  #rules = element("div", { class: "stack" });
  #place = element("div");

  connectedCallback(): void {
    this.addEventListener("saved", () => {
      replaceContent(this.#place);
      void this.#load(gettext("Rule saved. It applies from now on."));
    });
    this.addEventListener("closed", () => this.#closeForm());
    void this.#load();
  }

  async #load(said = ""): Promise<void> {
    try {
      this.#all = await this.#api.list();
      if (!this.#rules.isConnected) this.#renderPage(this.#all);
      this.#renderRules(this.#all);
      if (said) this.#showStatus(said);
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
      this.#templates(all),
      this.#place,
    );
  }

  /** Renders switches and cards; open details stay open. */
  #renderRules(all: LessonRules): void {
    const parts = (): HTMLDetailsElement[] => [...this.#rules.querySelectorAll("details")];
    const open = new Set(parts().flatMap((part) => (part.open ? [part.dataset["part"]] : [])));
    replaceContent(this.#rules, this.#switches(all), ...all.rules.map((rule) => this.#card(rule)));
    for (const part of parts()) part.open = open.has(part.dataset["part"]);
  }

  #switches(all: LessonRules): HTMLElement {
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
      all.learners.length > 0 && this.#learners(all),
    );
  }

  #learners(all: LessonRules): HTMLElement {
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

  #card(rule: Rule): HTMLElement {
    const change = (): void => this.#open(rule, rule);
    const copy = (): void => this.#open(null, { ...rule, template: rule.template });
    const remove = (): void => this.#confirmRemove(rule);
    const scope = rule.editable ? gettext("your rule") : gettext("built-in rule");
    return element(
      "section",
      { class: "card rule", "data-testid": "rule", "data-off": rule.off },
      element("h2", {}, rule.title),
      element("p", {}, rule.sentence),
      this.#forWhom(rule.spec),
      element(
        "p",
        { class: "small soft" },
        rule.off ? gettext("Switched off") : gettext("Active"),
        " · ",
        scope,
        " · ",
        interpolate(gettext("version %(number)s"), { number: rule.number }),
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
          ? this.#button(gettext("Change"), change, "change-rule", rule.title)
          : this.#button(gettext("Copy"), copy, "copy-rule", rule.title),
        rule.editable && this.#button(gettext("Delete"), remove, "remove-rule", rule.title),
      ),
      this.#versions(rule),
    );
  }

  #forWhom({ groups, learners }: RuleSpec): HTMLElement | null {
    if (groups.length + learners.length === 0) return null;
    const all = this.#all as LessonRules;
    const titles = [
      ...all.groups.filter(({ id }) => groups.includes(Number(id))),
      ...all.learners.filter(({ id }) => learners.includes(id)),
    ].map(({ title }) => title);
    const words = titles.length
      ? interpolate(gettext("Only for: %(titles)s"), { titles: titles.join(", ") })
      : gettext("For nobody: its group or students no longer exist.");
    return element("p", {}, words);
  }

  #versions(rule: Rule): HTMLElement {
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
      const again = (): void => this.#open(rule, { ...rule, spec: version.spec });
      const old = version.number !== rule.number && rule.editable;
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
        old && this.#button(gettext("Start from this version"), again, "old-version", rule.title),
      );
    });
    replaceContent(list, ...rows);
  }

  #templates(all: LessonRules): HTMLElement {
    const rows = all.templates.map((template) =>
      element(
        "li",
        {},
        element("strong", {}, template.title),
        element("p", {}, template.sentence),
        this.#button(
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
      all: this.#all,
      rule,
      start,
    });
    replaceContent(this.#place, form);
    const first = form.querySelector<HTMLElement>("h2");
    if (!first) return;
    first.tabIndex = -1;
    first.focus();
    first.scrollIntoView();
  }

  #closeForm(): void {
    replaceContent(this.#place);
    this.querySelector<HTMLElement>("[data-testid=switch-lesson]")?.focus();
  }

  #confirmRemove(rule: Rule): void {
    const dialog = element("dialog", { "aria-labelledby": "take-away-title" });
    const keep = (): void => dialog.close();
    const yes = (): void => {
      dialog.close();
      void this.#run(() => this.#remove(rule));
    };
    const title = interpolate(gettext("Delete “%(title)s”?"), { title: rule.title });
    replaceContent(
      dialog,
      element("h2", { id: "take-away-title" }, title),
      element(
        "p",
        {},
        gettext("A deleted rule cannot be restored. Switching it off can be undone."),
      ),
      element(
        "div",
        { class: "row" },
        this.#button(gettext("Cancel"), keep, "keep-rule"),
        this.#button(gettext("Delete"), yes, "remove-yes"),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    this.append(dialog);
    dialog.showModal();
  }

  async #remove(rule: Rule): Promise<void> {
    await this.#api.delete(rule.id);
    if (this.querySelector("rule-form")?.rule?.id === rule.id) replaceContent(this.#place);
    await this.#load(gettext("Rule deleted. Hints it gave keep their explanation."));
  }

  #switch(change: RuleSwitchRequest): Promise<void> {
    return this.#run(async () => {
      await this.#api.setSwitch(change);
      await this.#load(
        change.off ? gettext("Switched off. It applies at once.") : gettext("Switched on."),
      );
    });
  }

  #switchButton(words: string, change: RuleSwitchRequest, test: string, of = ""): HTMLElement {
    return this.#button(words, () => void this.#switch(change), test, of);
  }

  #button(words: string, then: () => void, test: string, of = ""): HTMLElement {
    return element(
      "button",
      {
        type: "button",
        class: "quiet",
        onclick: then,
        "data-testid": test,
        "aria-label": of ? `${words}: ${of}` : null,
      },
      words,
    );
  }

  #showStatus(words: string): void {
    const said = element("p", { class: "note", tabindex: "-1" }, words);
    replaceContent(this.#status, said);
    said.focus();
  }

  async #run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const problems = buildProblemList(error);
      replaceContent(this.#status, problems);
      problems.focus();
    }
  }
}

customElements.define("lesson-rules", LessonRulesPage);
