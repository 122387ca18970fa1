/** The shapes of /api/v1 that the pages use. */

import type { Step } from "./lesson-types";

export type { Step };

export interface SessionInfo {
  id: string;
  state: "open" | "ended";
  started_at: string;
  ended_at: string | null;
  role: "student" | "teacher";
  participant_id: string | null;
  lesson: { id: number; title: string; summary: string; minutes: number; steps: Step[] };
  policy: { inference: boolean; on_device_only: boolean; research: boolean; banner: string };
  kept_days: number;
}

export interface ConsentForm {
  title: string;
  intro: string;
  points: { heading: string; body: string; symbol?: string }[];
}

export const GRANTS = [
  "capture",
  "server_processing",
  "own_view",
  "support_view",
  "research",
] as const;
export type Grant = (typeof GRANTS)[number];
export type Grants = Record<Grant, boolean>;

/** Who is named to support this learner in this course. */
export interface NamedSupporter {
  id: string;
  name: string;
  /** Whether this person may look at this sitting now. */
  sees: boolean;
}

/** The numbers that the text names. */
export interface Promised {
  kept_days: number;
  small_group: number;
}

export interface Responsible {
  purpose: string;
  controller: string;
  contact: string;
}

export interface ConsentInfo {
  text_version: string;
  promised: Promised;
  /** What it is for, who is responsible and whom to ask; each may be empty. */
  responsible: Responsible;
  text: Record<string, { standard: ConsentForm; easy: ConsentForm }>;
  granted: Grants;
  state: "none" | "granted" | "pending_guardian" | "withdrawn";
  /** An earlier yes no longer counts: the text or the rules changed. */
  ask_again: boolean;
  guardian: "asked" | "given" | "refused" | "withdrawn" | null;
  /** What a guardian has not answered yet. */
  awaiting: Grant[];
  epoch: number;
  erased: boolean;
  receipt: string;
  supporters: NamedSupporter[];
}

export interface Ticket {
  ticket: string;
  expires_in: number;
  url: string;
  max_frame_bytes: number;
  max_fps: number;
  width: number;
  height: number;
}

export interface LessonEvent {
  kind: "step_opened" | "answered" | "self_report" | "hint_asked" | "idle" | "returned";
  step_id: number | null;
  value: string | null;
  seconds?: number;
  /** Put in by the queue: what is sent twice counts once, and counts when it happened. */
  key?: string;
  ago_ms?: number;
}

/** One stretch of lesson time, of one learner or of a class. */
export interface TimelineRow {
  start: string;
  coverage: number | null;
  engagement: number | null;
  expressions: Record<string, number> | null;
  withheld?: string | null;
}

export interface MyWindow extends TimelineRow {
  state: string;
  received: number;
  refused: Record<string, number>;
  accepted: number;
  processed: number;
  lost: Record<string, number>;
  /** What the learner says of these ten seconds; it stands beside the figure. */
  own_word: { said: string; words: string } | null;
}

export interface MyReport {
  windows: MyWindow[];
  kept_until: string | null;
  lesson: string;
  started_at: string;
}

export interface ReportStep {
  position: number;
  title: string;
  seconds: number | null;
  engagement: number | null;
  coverage: number | null;
  withheld: string | null;
  /** Of an ended lesson, and needing no camera: shares between 1/k and 1 - 1/k. */
  right_at_first: number | null;
  asked_for_hint: number | null;
  idle: number | null;
  said: Record<"easy" | "fine" | "hard", number> | null;
}

/** What help was offered to a class, of whole groups only; of an ended lesson. */
export interface ReportHelp {
  rules: {
    asked: boolean;
    title: string;
    learners: number;
    steps: number[];
    why: { part: string; words: string; share: number }[];
    answers: Record<"helped" | "not_now" | "fine" | "alone", number> | null;
  }[];
  silent: { reason: string; words: string; share: number }[];
}

export interface Report {
  state: "open" | "provisional" | "final";
  title: string;
  finding: string;
  withheld: string | null;
  contributors_at_least: number | null;
  coverage: number | null;
  model: { name: string; sha256: string; accuracy: string } | null;
  preset: string;
  simulated: boolean;
  engagement: { mean: number | null; levels: Record<"high" | "medium" | "low", number> } | null;
  expressions: Record<string, number> | null;
  timeline: TimelineRow[];
  steps: ReportStep[];
  help: ReportHelp | null;
  limits: string[];
  kept_until: string | null;
  figures_until: string | null;
  live_seconds: number;
}

export interface LessonListItem {
  id: number;
  title: string;
  course: string;
  sessions: { id: string; state: "open" | "ended"; started_at: string; finding: string | null }[];
}
