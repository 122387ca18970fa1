/** What a lesson shows and how a learner wants to be met, as /api/v1 tells it. */

export interface StepPicture {
  url: string;
  alternative_text: string;
  width: number;
  height: number;
}

export interface StepEmbed {
  url: string;
  title: string;
  host: string;
  sandbox: string;
}

export interface StepQuestion {
  kind: "choice" | "text" | "number";
  prompt: string;
  choices: string[];
}

export interface Step {
  id: number;
  position: number;
  title: string;
  body: string;
  /** Made safe by the server: the only HTML that pages put in as HTML. */
  html: string;
  easy_html: string;
  picture: StepPicture | null;
  embed: StepEmbed | null;
  question: StepQuestion | null;
  /** How many rungs the ladder of hints has. */
  hints: number;
}

export interface StepAnswer {
  step_id: number;
  answer: string;
  seconds: number;
  key: string;
}

export interface Marked {
  right: boolean;
  attempts: number;
  feedback: string;
}

/** A hint as `GET hints` and `POST hints` tell it. */
export interface HintSoFar {
  hint_id: number;
  title: string;
  body: string;
  why: string;
  kind: "hint" | "break" | "easier" | "question" | "tell_teacher";
  form: string;
  symbol: string;
  fired_at: string;
  /** The newest answer, empty where none was given yet. */
  answer: string;
}

/** How the learner's face usually looks in this sitting: whether it is known yet. */
export interface Baseline {
  ready: boolean;
  from_at: string | null;
  expires_at: string | null;
  seen_seconds: number;
  gathered_seconds: number;
  needed_seconds: number;
  lasts_hours: number;
}

export type HintForm = "text" | "simple_text" | "symbol" | "audio";

export interface Profile {
  hint_form: HintForm;
  reading_level: "standard" | "easy";
  no_camera: boolean;
  expressions_do_not_fit: boolean;
  hints_muted: boolean;
}

export const USUAL: Profile = {
  hint_form: "text",
  reading_level: "standard",
  no_camera: false,
  expressions_do_not_fit: false,
  hints_muted: false,
};
