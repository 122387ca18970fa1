/** Three-way merge of a form and the version that somebody else has saved meanwhile. */
import { ApiProblem } from "../api/http";
import { button, element } from "../dom";
import { gettext } from "../text";

/** One part of an object that is taken from one version or the other as a whole. */
export interface MergeField<T> {
  /** Properties of the object that belong together. */
  names: (keyof T)[];
  label: string;
  /** The part in words; empty: nothing there. */
  format: (value: T) => string;
}

export interface Merge<T> {
  /** The version that the form was opened with. */
  base: T;
  /** Reads the form: what is typed while the choice is open counts too. */
  readMine: () => T;
  theirs: T;
  fields: MergeField<T>[];
  /** Called with the chosen parts; parts that are not in `fields` are those of `theirs`. */
  save: (merged: T) => void;
}

/** The stored object of a save that was refused because of a newer version. */
export function findStoredVersion(error: unknown): object | null {
  const current = error instanceof ApiProblem && error.status === 409 ? error.current : null;
  return typeof current === "object" ? current : null;
}

/** The fields that differ; `isTheirs`: whether only the other person changed it. */
export function compareVersions<T extends object>(
  mine: T,
  { base, theirs, fields }: Pick<Merge<T>, "base" | "theirs" | "fields">,
): { field: MergeField<T>; isTheirs: boolean }[] {
  const differ = (field: MergeField<T>, left: T, right: T): boolean =>
    field.names.some((name) => !isSame(left[name], right[name]));
  return fields
    .filter((field) => differ(field, mine, theirs))
    .map((field) => ({ field, isTheirs: !differ(field, base, mine) }));
}

/** Shows both versions of each part that differs, with a choice for each. */
export function buildMergePanel<T extends object>(merge: Merge<T>): HTMLElement {
  const mine = merge.readMine();
  const rows = compareVersions(mine, merge).map(({ field, isTheirs }, index) =>
    buildRow(field, { mine, theirs: merge.theirs }, `merge-${index}`, isTheirs),
  );
  const save = (): void => {
    const typed = merge.readMine();
    const isTaken = (field: MergeField<T>): boolean =>
      rows.some((row) => row.field === field && !row.input.checked);
    const merged = { ...merge.theirs };
    for (const field of merge.fields)
      if (!isTaken(field)) for (const name of field.names) merged[name] = typed[name];
    merge.save(merged);
  };
  return element(
    "section",
    { class: "note merge", role: "alert", tabindex: "-1", "data-testid": "merge" },
    element("p", {}, element("strong", {}, gettext("Not saved."))),
    element(
      "p",
      {},
      rows.length > 0
        ? gettext(
            "Somebody else has saved changes meanwhile. Choose a version of each part that differs.",
          )
        : gettext("Somebody else has saved the same changes meanwhile."),
    ),
    ...rows.map(({ node }) => node),
    element(
      "div",
      { class: "row" },
      button(gettext("Save the chosen versions"), save, { "data-testid": "save-merge" }),
    ),
  );
}

function buildRow<T extends object>(
  field: MergeField<T>,
  { mine, theirs }: { mine: T; theirs: T },
  name: string,
  isTheirs: boolean,
): { node: HTMLElement; input: HTMLInputElement; field: MergeField<T> } {
  const attributes = { type: "radio", name, "data-draft": "off" };
  const input = element("input", { ...attributes, value: "mine", checked: !isTheirs });
  const other = element("input", { ...attributes, value: "theirs", checked: isTheirs });
  const node = element(
    "fieldset",
    { "data-part": String(field.names[0]) },
    element("legend", {}, field.label),
    buildChoice(input, gettext("Yours"), field.format(mine)),
    buildChoice(other, gettext("Saved by somebody else"), field.format(theirs)),
  );
  return { node, input, field };
}

function buildChoice(input: HTMLInputElement, title: string, text: string): HTMLElement {
  return element(
    "label",
    { class: "tick" },
    input,
    element(
      "span",
      {},
      element("strong", {}, title),
      element("span", { class: "version", dir: "auto" }, text || gettext("(empty)")),
    ),
  );
}

function isSame(left: unknown, right: unknown): boolean {
  return serialize(left) === serialize(right);
}

/** JSON without absent values, in an order that is the same for equal values. */
function serialize(value: unknown): string {
  return JSON.stringify(value ?? "", (_, item: unknown): unknown => {
    if (Array.isArray(item)) return isPlain(item) ? [...(item as unknown[])].sort() : item;
    if (typeof item !== "object" || item === null) return item;
    const values = Object.entries(item).filter(([, child]) => child !== undefined);
    return Object.fromEntries(values.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Lists of ids and texts are sets; choices and hints have an order. */
function isPlain(list: unknown[]): boolean {
  return list.every((item) => typeof item !== "object");
}
