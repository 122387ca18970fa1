import { ApiProblem } from "../api/http";
import { element } from "../dom";
import { errorWords } from "../page/error-panel";
import { gettext } from "../text";

/** What was refused, one sentence each, out of the nested shape that the server answers with. */
export function problemLines(fields: unknown, where = ""): string[] {
  if (typeof fields === "string") return [where ? `${where}: ${fields}` : fields];
  if (Array.isArray(fields))
    return fields.flatMap((each: unknown, at) =>
      problemLines(each, typeof each === "string" ? where : `${where} ${at + 1}`.trim()),
    );
  if (typeof fields !== "object" || fields === null) return [];
  return Object.entries(fields).flatMap(([name, each]) => problemLines(each, placeOf(where, name)));
}

export function problemsOf(error: unknown): string[] {
  if (!(error instanceof ApiProblem)) return [errorWords(-1)];
  if (error.status === 400) {
    const lines = problemLines(error.fields);
    return lines.length ? lines : [error.message];
  }
  return [error.status === 409 || error.status === 413 ? error.message : errorWords(error.status)];
}

export function problemList(error: unknown): HTMLElement {
  return element(
    "div",
    { class: "note", role: "alert", tabindex: "-1" },
    element("p", {}, element("strong", {}, gettext("Not saved. Nothing was changed."))),
    element("ul", {}, ...problemsOf(error).map((line) => element("li", {}, line))),
  );
}

function placeOf(where: string, name: string): string {
  if (name === "non_field_errors") return where;
  const number = /^\d+$/.test(name) ? String(Number(name) + 1) : null;
  const words = number ?? NAMES[name]?.() ?? name;
  return where ? `${where}${number ? " " : ", "}${words}` : words;
}

const NAMES: Record<string, () => string> = {
  title: () => gettext("Title"),
  body: () => gettext("Text"),
  easy_body: () => gettext("Easier form"),
  embed: () => gettext("Page or film"),
  url: () => gettext("address"),
  question: () => gettext("Question"),
  prompt: () => gettext("what is asked"),
  choices: () => gettext("choices"),
  accepted: () => gettext("right answers"),
  number: () => gettext("right number"),
  tolerance: () => gettext("how exact"),
  hints: () => gettext("Hints"),
  text: () => gettext("text"),
  file: () => gettext("File"),
  alternative_text: () => gettext("What the picture shows"),
  minutes: () => gettext("Minutes"),
  summary: () => gettext("Summary"),
};
