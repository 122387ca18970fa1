import { GroupsApi } from "../api/groups";
import type { LearnerGroup, LearnerGroupRequest, LearnerGroups } from "../api/schema";
import { buildMergePanel, findStoredVersion } from "../author/merge";
import { buildProblemList } from "../author/problems";
import { element, focusHeading, quietButton, replaceContent } from "../dom";
import { buildErrorPanel } from "../page/error-panel";
import { forgetDraft } from "../page/form-draft";
import { gettext, interpolate } from "../text";
import { buildGroupForm, readGroup } from "./group-form";

/** `<learner-groups lesson="ID">`: editor of the groups of a course. */
class LearnerGroupsPage extends HTMLElement {
  #api = new GroupsApi(this.getAttribute("lesson") ?? "");
  #groups: LearnerGroups = { groups: [], learners: [], in_session: false };
  #status = element("div", { role: "status", "data-testid": "groups-status" });
  #formPlace = element("div");

  connectedCallback(): void {
    void this.#load();
  }

  async #load(status = ""): Promise<void> {
    try {
      this.#groups = await this.#api.list();
      this.#render();
      if (status) this.#showStatus(status);
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
    }
  }

  #render(): void {
    const { groups } = this.#groups;
    replaceContent(this.#formPlace);
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
      this.#groups.in_session &&
        element(
          "p",
          { class: "note", "data-testid": "in-session" },
          gettext(
            "Students are in a lesson of this course now. Changes of groups apply from the next session on.",
          ),
        ),
      this.#status,
      groups.length === 0 &&
        element(
          "p",
          { class: "note", "data-testid": "no-groups" },
          gettext("There are no groups yet. Rules apply to everybody or to single students."),
        ),
      ...groups.map((group) => this.#buildCard(group)),
      quietButton(gettext("Create a group"), () => this.#open(null), "make-group"),
      this.#formPlace,
    );
  }

  #buildCard(group: LearnerGroup): HTMLElement {
    const names = this.#groups.learners
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
    const confirmDelete = (): void => this.#confirmDelete(group, row);
    replaceContent(
      row,
      quietButton(gettext("Change"), () => this.#open(group), "change-group", group.title),
      quietButton(gettext("Delete"), confirmDelete, "remove-group", group.title),
    );
    card.append(row);
    return card;
  }

  #confirmDelete(group: LearnerGroup, row: HTMLElement): void {
    const text =
      group.rules.length > 0
        ? gettext("Delete this group? A rule for this group only then applies to nobody.")
        : gettext("Delete this group? No rule uses it.");
    const question = element("p", { tabindex: "-1" }, text);
    const deleteGroup = (): void =>
      void this.#run(() => this.#api.delete(group.id), gettext("Group deleted."));
    replaceContent(
      row,
      question,
      quietButton(gettext("Yes, delete it"), deleteGroup, "remove-group-yes", group.title),
      quietButton(gettext("Cancel"), () => this.#render(), "remove-group-no", group.title),
    );
    question.focus();
  }

  #open(group: LearnerGroup | null): void {
    const events = {
      save: (fields: LearnerGroupRequest) => void this.#save(group, fields),
      close: () => this.#close(),
    };
    const form = buildGroupForm(group, this.#groups.learners, events, this.#nameDraft(group));
    replaceContent(this.#formPlace, form);
    focusHeading(form);
    form.scrollIntoView();
  }

  #nameDraft(group: LearnerGroup | null): string {
    return `group.${this.getAttribute("lesson") ?? ""}.${group?.id ?? "new"}`;
  }

  #close(): void {
    replaceContent(this.#formPlace);
    this.querySelector<HTMLElement>("[data-testid=make-group]")?.focus();
  }

  #save(group: LearnerGroup | null, fields: LearnerGroupRequest): Promise<void> {
    const save = async (): Promise<void> => {
      await (group
        ? this.#api.update(group.id, { ...fields, revision: group.revision })
        : this.#api.create(fields));
      forgetDraft(this.#nameDraft(group));
    };
    return this.#run(
      save,
      gettext("Group saved. Its rules apply to the current members."),
      (error) => group && this.#buildMerge(error, group),
    );
  }

  /** Both versions of name and members, where somebody else has changed the group meanwhile. */
  #buildMerge(error: unknown, group: LearnerGroup): HTMLElement | null {
    const stored = findStoredVersion(error) as LearnerGroup | null;
    const form = this.#formPlace.querySelector("form");
    if (!stored || !form) return null;
    const names = (ids: string[]): string =>
      this.#groups.learners
        .filter(({ id }) => ids.includes(id))
        .map((learner) => learner.title)
        .join(", ");
    return buildMergePanel<GroupValues>({
      base: pickValues(group),
      readMine: () => pickValues(readGroup(form)),
      theirs: pickValues(stored),
      fields: [
        { names: ["title"], label: gettext("Name"), format: (values) => values.title },
        {
          names: ["members"],
          label: gettext("Members"),
          format: (values) => names(values.members) || gettext("No members yet."),
        },
      ],
      save: (merged) => {
        this.#open({ ...stored, ...merged });
        void this.#save(stored, merged);
      },
    });
  }

  async #run(
    task: () => Promise<unknown>,
    message: string,
    buildMerge: (error: unknown) => HTMLElement | null = () => null,
  ): Promise<void> {
    try {
      await task();
      await this.#load(message);
    } catch (error) {
      const problems = buildMerge(error) ?? buildProblemList(error);
      // Next to an open form, so that the message is visible.
      const form = this.#formPlace.querySelector("form");
      form?.querySelector(".note[role=alert]")?.remove();
      if (form) form.append(problems);
      else replaceContent(this.#status, problems);
      problems.focus();
    }
  }

  #showStatus(text: string): void {
    const status = element("p", { class: "note", tabindex: "-1" }, text);
    replaceContent(this.#status, status);
    status.focus();
  }
}

type GroupValues = Pick<LearnerGroup, "title" | "members">;

function pickValues({ title, members }: GroupValues): GroupValues {
  return { title, members: [...members].sort() };
}

function formatRules({ rules }: LearnerGroup): string {
  if (rules.length === 0) return gettext("No rule uses it yet.");
  return interpolate(gettext("Rules: %(rules)s"), { rules: rules.join(", ") });
}

customElements.define("learner-groups", LearnerGroupsPage);
