import { ApiProblem } from "../api/http";
import { element } from "../dom";
import { formatError } from "../page/error-panel";
import { gettext } from "../text";

/** Flattens nested validation errors to one line each, prefixed by the field. */
export function flattenProblems(fields: unknown, where = ""): string[] {
  if (typeof fields === "string") return [where ? `${where}: ${fields}` : fields];
  if (Array.isArray(fields))
    return fields.flatMap((problem: unknown, index) =>
      flattenProblems(
        problem,
        typeof problem === "string" ? where : `${where} ${index + 1}`.trim(),
      ),
    );
  if (typeof fields !== "object" || fields === null) return [];
  return Object.entries(fields).flatMap(([name, nested]) =>
    flattenProblems(nested, formatPath(where, name)),
  );
}

export function listProblems(error: unknown): string[] {
  if (!(error instanceof ApiProblem)) return [formatError(-1)];
  if (error.status === 400) {
    const lines = flattenProblems(error.fields);
    return lines.length ? lines : [error.message];
  }
  return [error.status === 409 || error.status === 413 ? error.message : formatError(error.status)];
}

/** `more`: a sentence after the problems, such as what was done about them. */
export function buildProblemList(error: unknown, more = ""): HTMLElement {
  return element(
    "div",
    { class: "note", role: "alert", tabindex: "-1" },
    element("p", {}, element("strong", {}, gettext("Not saved."))),
    element("ul", {}, ...listProblems(error).map((line) => element("li", {}, line))),
    more !== "" && element("p", {}, more),
  );
}

function formatPath(where: string, name: string): string {
  if (name === "non_field_errors") return where;
  const number = /^\d+$/.test(name) ? String(Number(name) + 1) : null;
  const text = number ?? FIELD_NAMES[name]?.() ?? name;
  return where ? `${where}${number ? " " : ", "}${text}` : text;
}

const FIELD_NAMES: Record<string, () => string> = {
  title: () => gettext("Title"),
  body: () => gettext("Text"),
  easy_body: () => gettext("Easy version"),
  embed: () => gettext("Web page or video"),
  url: () => gettext("address"),
  question: () => gettext("Question"),
  prompt: () => gettext("question text"),
  choices: () => gettext("choices"),
  accepted: () => gettext("right answers"),
  number: () => gettext("right number"),
  tolerance: () => gettext("tolerance"),
  hints: () => gettext("Hints"),
  text: () => gettext("text"),
  file: () => gettext("File"),
  alternative_text: () => gettext("What the picture shows"),
  minutes: () => gettext("Minutes"),
  summary: () => gettext("Summary"),
};
