import type { LessonRules, Option, RuleSpec } from "../api/schema";
import type { MergeField } from "../author/merge";
import { formatPercent, gettext } from "../text";
import { formatSpans } from "./quiet-minutes";
import {
  formatCoverage,
  formatHeldWindows,
  formatMinutes,
  formatThreshold,
  formatTimes,
} from "./slider-text";

/** The parts of a rule in the order of its form, for a choice between two versions. */
export function buildMergeFields(all: LessonRules): MergeField<RuleSpec>[] {
  return [
    {
      names: ["evidence", "needs_other_source", "over_windows", "of_windows"],
      label: gettext("When there are"),
      format: (spec) => formatTitles(all.evidence, [spec.evidence]),
    },
    {
      names: ["held_windows"],
      label: gettext("that last"),
      format: (spec) => formatHeldWindows(spec.held_windows),
    },
    {
      names: ["action"],
      label: gettext("then offer"),
      format: (spec) => formatTitles(all.actions, [spec.action]),
    },
    {
      names: ["threshold", "release"],
      label: gettext("React"),
      format: ({ threshold }) => `${formatThreshold(threshold)} (${formatPercent(threshold)})`,
    },
    {
      names: ["minimum_coverage"],
      label: gettext("Use the face only if it was visible"),
      format: (spec) => formatCoverage(spec.minimum_coverage),
    },
    {
      names: ["cooldown_seconds"],
      label: gettext("After a hint, wait at least"),
      format: (spec) => formatMinutes(spec.cooldown_seconds),
    },
    {
      names: ["max_per_lesson"],
      label: gettext("In one lesson"),
      format: (spec) => formatTimes(spec.max_per_lesson),
    },
    {
      names: ["quiet_start_seconds"],
      label: gettext("No hints in the first"),
      format: (spec) => formatMinutes(spec.quiet_start_seconds),
    },
    {
      names: ["steps"],
      label: gettext("Only in these steps (none ticked: all)"),
      format: (spec) => formatTitles(all.steps, spec.steps) || gettext("all"),
    },
    {
      names: ["quiet_steps"],
      label: gettext("Never in these steps, for example a test"),
      format: (spec) => formatTitles(all.steps, spec.quiet_steps),
    },
    {
      names: ["quiet_minutes"],
      label: gettext("No hints in these minutes of the lesson (optional)"),
      format: (spec) => formatSpans(spec.quiet_minutes),
    },
    {
      names: ["learners"],
      label: gettext("Only for these students (none ticked: all)"),
      format: (spec) => formatTitles(all.learners, spec.learners) || gettext("all"),
    },
    {
      names: ["groups"],
      label: gettext("Only for these groups"),
      format: (spec) => formatTitles(all.groups, spec.groups) || gettext("all"),
    },
    {
      names: ["text"],
      label: gettext("Your own hint text (optional)"),
      format: (spec) => spec.text,
    },
  ];
}

function formatTitles(options: Option[], ids: (string | number)[]): string {
  const wanted = new Set(ids.map(String));
  return options
    .filter(({ id }) => wanted.has(id))
    .map(({ title }) => title)
    .join(", ");
}
