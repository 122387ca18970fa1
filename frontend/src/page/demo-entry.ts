import { ApiProblem, request } from "../api/http";
import { gettext } from "../text";

export type DemoEntry =
  | { participant_id: string; session_id: string; role: "student" | "teacher" }
  | { link_id: string; role: "support" };

export function getStartPage(entered: DemoEntry): string {
  if (entered.role === "support") return "/support/";
  const path = `/sessions/${entered.session_id}/`;
  return entered.role === "teacher" ? `${path}report/` : path;
}

/** Submits each form[data-demo-entry] and opens the start page. */
export function enterDemo(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-demo-entry]"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void enter(form);
    });
}

async function enter(form: HTMLFormElement): Promise<void> {
  const problem = form.querySelector("[data-problem]");
  form.querySelector("button")?.setAttribute("aria-busy", "true");
  try {
    const entered = await request<DemoEntry>("POST", form.action, new FormData(form));
    location.assign(getStartPage(entered));
  } catch (error) {
    if (problem) problem.textContent = formatRefusal(error);
    form.querySelector("button")?.removeAttribute("aria-busy");
  }
}

function formatRefusal(error: unknown): string {
  if (error instanceof ApiProblem && error.status > 0 && error.status < 500 && error.message)
    return error.message;
  return gettext("That did not work. Check that the demo is still running, then try again.");
}
