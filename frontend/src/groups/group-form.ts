import type { LearnerGroup, LearnerGroupRequest, Option } from "../api/schema";
import { buildTextField, readValue } from "../author/fields";
import { button, element, replaceContent } from "../dom";
import { FormDraft } from "../page/form-draft";
import { gettext, interpolate } from "../text";

const MIN_LEARNERS_FOR_SEARCH = 10;

export interface GroupFormEvents {
  save(fields: LearnerGroupRequest): void;
  close(): void;
}

/** Form of a new or existing group. */
export function buildGroupForm(
  group: LearnerGroup | null,
  learners: Option[],
  events: GroupFormEvents,
  draftName = "",
): HTMLFormElement {
  const form = element("form", { class: "card group-form", novalidate: true });
  const chosen = element("p", { role: "status", class: "small soft", "data-testid": "chosen" });
  const problem = element("p", { class: "field-error", role: "alert", "data-testid": "no-name" });
  const boxes = learners.map((person) => tick(person, group?.members.includes(person.id) ?? false));
  const ticked = (): string[] =>
    boxes.filter(({ input }) => input.checked).map((b) => b.input.value);
  const count = (): void => {
    chosen.textContent = interpolate(gettext("%(chosen)s of %(all)s chosen."), {
      chosen: ticked().length,
      all: learners.length,
    });
  };
  replaceContent(
    form,
    element("h2", {}, group ? gettext("Change the group") : gettext("New group")),
    buildTextField(gettext("Name"), "title", group?.title ?? "", {
      maxlength: 80,
      hint: gettext("Choose a respectful name: members can read it in their own data."),
    }),
    problem,
    learners.length >= MIN_LEARNERS_FOR_SEARCH && buildSearch(boxes),
    element(
      "fieldset",
      {},
      element("legend", {}, gettext("Members")),
      learners.length === 0 && element("p", {}, gettext("This course has no students yet.")),
      ...boxes.map(({ node }) => node),
    ),
    chosen,
    buildButtons(events),
  );
  form.addEventListener("change", count);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const title = readValue(form, "title");
    if (title) events.save({ title, members: ticked() });
    else showMissingName(form, problem);
  });
  new FormDraft(form, draftName, group?.revision ?? "");
  count();
  return form;
}

/** Reads name and members as they are in the form now. */
export function readGroup(form: HTMLFormElement): { title: string; members: string[] } {
  const boxes = form.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked");
  return { title: readValue(form, "title"), members: [...boxes].map((box) => box.value) };
}

function showMissingName(form: HTMLFormElement, problem: HTMLElement): void {
  problem.textContent = gettext("Enter a name for the group.");
  const field = form.querySelector<HTMLInputElement>("[name=title]");
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

interface Tick {
  node: HTMLElement;
  input: HTMLInputElement;
  name: string;
}

function tick({ id, title }: Option, checked: boolean): Tick {
  const input = element("input", { type: "checkbox", value: id, checked });
  return {
    node: element("label", { class: "tick" }, input, element("span", {}, title)),
    input,
    name: title.toLowerCase(),
  };
}

/** Search field that hides other names; hidden ones stay ticked. */
function buildSearch(boxes: Tick[]): HTMLElement {
  const field = buildTextField(gettext("Find by name"), "find", "", {
    autocomplete: "off",
    "data-draft": "off",
  });
  const found = element("p", { role: "status", class: "small soft" });
  field.addEventListener("input", () => {
    const wanted = readValue(field, "find").toLowerCase();
    for (const { node, name } of boxes) node.hidden = !name.includes(wanted);
    const shown = boxes.filter(({ node }) => !node.hidden).length;
    found.textContent = wanted ? interpolate(gettext("%(n)s found."), { n: shown }) : "";
  });
  // Enter in the search field must not submit the form.
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  return element("div", {}, field, found);
}

function buildButtons(events: GroupFormEvents): HTMLElement {
  return element(
    "div",
    { class: "row" },
    element("button", { type: "submit", "data-testid": "save-group" }, gettext("Save the group")),
    button(gettext("Close"), () => events.close(), { class: "quiet" }),
  );
}
