import { buildProblemList } from "../author/problems";
import { element, focusHeading, replaceContent } from "../dom";
import { buildErrorPanel } from "../page/error-panel";
import { gettext, interpolate } from "../text";
import { buildGroupForm } from "./group-form";
import { GroupsApi } from "../api/groups";
import type { LearnerGroup, LearnerGroupRequest, LearnerGroups } from "../api/schema";

/** `<learner-groups lesson="ID">`: editor of the groups of a course. */
class LearnerGroupsPage extends HTMLElement {
  #api = new GroupsApi(this.getAttribute("lesson") ?? "");
  #all: LearnerGroups = { groups: [], learners: [] };
  #status = element("div", { role: "status", "data-testid": "groups-status" });
  #place = element("div");

  connectedCallback(): void {
    void this.#load();
  }

  async #load(said = ""): Promise<void> {
    try {
      this.#all = await this.#api.list();
      this.#render();
      if (said) this.#showStatus(said);
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
    }
  }

  #render(): void {
    const { groups } = this.#all;
    replaceContent(this.#place);
    replaceContent(this.#status);
    replaceContent(
      this,
      element("h1", {}, gettext("Student groups")),
      element(
        "p",
        { class: "lead" },
        gettext("Create a group if a rule should apply to some students only."),
      ),
      element(
        "p",
        {},
        gettext(
          "This page lists the students of the course. It does not show who uses a camera or who gave consent.",
        ),
      ),
      this.#status,
      groups.length === 0 &&
        element(
          "p",
          { class: "note", "data-testid": "no-groups" },
          gettext("There are no groups yet. Rules apply to everybody or to single students."),
        ),
      ...groups.map((group) => this.#card(group)),
      button(gettext("Create a group"), "make-group", () => this.#open(null), ""),
      this.#place,
    );
  }

  #card(group: LearnerGroup): HTMLElement {
    const names = this.#all.learners
      .filter(({ id }) => group.members.includes(id))
      .map(({ title }) => title);
    const card = element(
      "section",
      { class: "card", "data-testid": "group" },
      element("h2", {}, group.title),
      element("p", {}, names.length ? names.join(", ") : gettext("No members yet.")),
      element("p", { class: "small soft" }, formatRules(group)),
    );
    const row = element("div", { class: "row" });
    const ask = (): void => this.#confirmDelete(group, row);
    replaceContent(
      row,
      button(gettext("Change"), "change-group", () => this.#open(group), group.title),
      button(gettext("Delete"), "remove-group", ask, group.title),
    );
    card.append(row);
    return card;
  }

  #confirmDelete(group: LearnerGroup, row: HTMLElement): void {
    const words =
      group.rules.length > 0
        ? gettext("Delete this group? A rule for this group only then applies to nobody.")
        : gettext("Delete this group? No rule uses it.");
    const question = element("p", { tabindex: "-1" }, words);
    const take = (): void =>
      void this.#run(() => this.#api.delete(group.id), gettext("Group deleted."));
    replaceContent(
      row,
      question,
      button(gettext("Yes, delete it"), "remove-group-yes", take, group.title),
      button(gettext("Cancel"), "remove-group-no", () => this.#render(), group.title),
    );
    question.focus();
  }

  #open(group: LearnerGroup | null): void {
    const form = buildGroupForm(group, this.#all.learners, {
      save: (fields) => void this.#save(group, fields),
      close: () => this.#close(),
    });
    replaceContent(this.#place, form);
    focusHeading(form);
    form.scrollIntoView();
  }

  #close(): void {
    replaceContent(this.#place);
    this.querySelector<HTMLElement>("[data-testid=make-group]")?.focus();
  }

  #save(group: LearnerGroup | null, fields: LearnerGroupRequest): Promise<void> {
    return this.#run(
      () => (group ? this.#api.update(group.id, fields) : this.#api.create(fields)),
      gettext("Group saved. Its rules apply to the current members."),
    );
  }

  async #run(work: () => Promise<unknown>, done: string): Promise<void> {
    try {
      await work();
      await this.#load(done);
    } catch (error) {
      const problems = buildProblemList(error);
      // Next to an open form, so that the message is visible.
      const form = this.#place.querySelector("form");
      form?.querySelector(".note[role=alert]")?.remove();
      if (form) form.append(problems);
      else replaceContent(this.#status, problems);
      problems.focus();
    }
  }

  #showStatus(words: string): void {
    const said = element("p", { class: "note", tabindex: "-1" }, words);
    replaceContent(this.#status, said);
    said.focus();
  }
}

function formatRules({ rules }: LearnerGroup): string {
  if (rules.length === 0) return gettext("No rule uses it yet.");
  return interpolate(gettext("Rules: %(rules)s"), { rules: rules.join(", ") });
}

function button(words: string, hook: string, then: () => void, of: string): HTMLElement {
  return element(
    "button",
    {
      type: "button",
      class: "quiet",
      onclick: then,
      "data-testid": hook,
      "aria-label": of ? `${words}: ${of}` : null,
    },
    words,
  );
}

customElements.define("learner-groups", LearnerGroupsPage);
