import { gettext } from "../text";

/** Why a figure is not shown, short enough to stand in its place. */
export function withheldWords(reason: string | null | undefined): string {
  if (!reason) return gettext("not enough could be seen");
  if (reason === "too_few_learners") return gettext("fewer than 5 students");
  if (reason === "not_enough_seen") return gettext("not enough could be seen");
  return gettext("not shown");
}
