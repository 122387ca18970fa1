import { ApiProblem, request } from "../api/http";
import { gettext } from "../text";

export interface Entered {
  participant_id: string;
  session_id: string;
  role: "student" | "teacher";
}

/** Where somebody goes who has entered. Pure. */
export function pageFor({ session_id, role }: Entered): string {
  return role === "teacher" ? `/sessions/${session_id}/report/` : `/sessions/${session_id}/`;
}

/** Each form with [data-demo-entry] enters with its own fields. */
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
    const entered = await request<Entered>("POST", form.action, new FormData(form));
    location.assign(pageFor(entered));
  } catch (error) {
    if (problem) problem.textContent = refusalWords(error);
    form.querySelector("button")?.removeAttribute("aria-busy");
  }
}

function refusalWords(error: unknown): string {
  if (error instanceof ApiProblem && error.status > 0 && error.status < 500 && error.message)
    return error.message;
  return gettext("That did not work. Is the demonstration still running? Please try again.");
}
