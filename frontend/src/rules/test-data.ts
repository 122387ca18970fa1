/** Test data for the rule editor. */
import type { LessonRules, RuleSpec } from "../api/schema";

export const spec: RuleSpec = {
  evidence: "frustration",
  threshold: 0.5,
  release: 0.35,
  over_windows: 2,
  of_windows: 3,
  held_windows: 5,
  minimum_coverage: 0.5,
  needs_other_source: true,
  steps: [2],
  learners: [],
  groups: [],
  cooldown_seconds: 300,
  max_per_lesson: 4,
  quiet_start_seconds: 60,
  quiet_steps: [],
  quiet_minutes: [],
  action: "hint",
  text: "",
};
export const named = (...ids: string[]) => ids.map((id) => ({ id, title: `<${id}>` }));
export const all: LessonRules = {
  rules: [],
  in_session: false,
  templates: [],
  off: { everywhere: false, lesson: false, learners: [] },
  limits: {
    threshold: { low: 0.2, high: 0.95 },
    release: { low: 0.05, high: 0.95 },
    held_windows: { low: 0, high: 30 },
    minimum_coverage: { low: 0.5, high: 1 },
    cooldown_seconds: { low: 300, high: 3600 },
    max_per_lesson: { low: 1, high: 4 },
    quiet_start_seconds: { low: 0, high: 1800 },
  },
  evidence: named("frustration", "said_hard"),
  actions: named("hint", "break"),
  steps: named("1", "2"),
  learners: [],
  groups: [],
  sessions: [],
};
