import type { LessonRules, RuleSpec } from "../api/schema";
import { readValue } from "../author/fields";
import { parseSpans } from "./quiet-minutes";

export const SELF_REPORT = "said_hard";
const RELEASE_MARGIN = 0.15;

/** Reads a rule's specification from its form; `start` has what the form does not show. */
export function readSpec(
  form: ParentNode,
  start: RuleSpec,
  limits: LessonRules["limits"],
): RuleSpec {
  const number = (name: string): number => Number(readValue(form, name));
  const evidence = readValue(form, "evidence");
  const isSelfReport = evidence === SELF_REPORT;
  const threshold = number("threshold");
  const release =
    threshold === start.threshold
      ? start.release
      : Math.round((threshold - RELEASE_MARGIN) * 100) / 100;
  return {
    ...start,
    evidence,
    threshold,
    release: Math.max(limits["release"]?.low ?? 0.05, release),
    over_windows: isSelfReport ? 1 : start.over_windows,
    of_windows: isSelfReport ? 1 : start.of_windows,
    held_windows: number("held_windows"),
    minimum_coverage: number("minimum_coverage"),
    needs_other_source: !isSelfReport,
    cooldown_seconds: number("cooldown_seconds"),
    max_per_lesson: number("max_per_lesson"),
    quiet_start_seconds: number("quiet_start_seconds"),
    steps: readTicked(form, "steps").map(Number),
    quiet_steps: readTicked(form, "quiet_steps").map(Number),
    quiet_minutes: parseSpans(readValue(form, "quiet_minutes")) ?? start.quiet_minutes,
    learners: readTicked(form, "learners"),
    groups: readTicked(form, "groups").map(Number),
    action: readValue(form, "action"),
    text: readValue(form, "text"),
  };
}

function readTicked(form: ParentNode, name: string): string[] {
  const boxes = form.querySelectorAll<HTMLInputElement>(
    `fieldset[data-name=${name}] input:checked`,
  );
  return [...boxes].map((box) => box.value);
}
