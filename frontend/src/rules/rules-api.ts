import { request } from "../api/http";

export interface Spec {
  evidence: string;
  threshold: number;
  release: number;
  over_windows: number;
  of_windows: number;
  held_windows: number;
  minimum_coverage: number;
  needs_other_source: boolean;
  steps: number[];
  learners: string[];
  groups: number[];
  cooldown_seconds: number;
  max_per_lesson: number;
  quiet_start_seconds: number;
  quiet_steps: number[];
  quiet_minutes: [number, number][];
  action: string;
  text: string;
}

export interface Named {
  id: string;
  title: string;
}

export interface Version {
  number: number;
  made_at: string;
  made_by: string;
  sentence: string;
  spec: Spec;
}

export interface Rule extends Version {
  id: number;
  title: string;
  template: string;
  scope: "everywhere" | "course" | "lesson";
  editable: boolean;
  off: boolean;
}

export interface Template {
  name: string;
  title: string;
  sentence: string;
  spec: Spec;
}

export interface Rules {
  rules: Rule[];
  templates: Template[];
  off: { everywhere: boolean; lesson: boolean; learners: string[] };
  limits: Record<string, { low: number; high: number }>;
  evidence: Named[];
  actions: Named[];
  steps: Named[];
  learners: Named[];
  groups: Named[];
  sessions: Named[];
}

export interface Preview {
  source: "simulated" | "session";
  withheld: string | null;
  sentence: string;
  /** What has to be known of how it was tried. */
  notes: string[];
  learners: number | null;
  minutes: number | null;
  /** Of a made-up class; of people it is told to how many learners, in whole groups. */
  fired: number | null;
  spoken_to: "few" | "some" | "many" | null;
  /** The smallest group of people that is spoken of; 0 where nobody is real. */
  group: number;
  places: {
    minute: number | null;
    step_id: number | null;
    times: number | null;
    spoken_to: "some" | "many" | null;
    why: string[];
  }[];
  silent: { reason: string; words: string; share: number }[];
  episodes: { learner: number; from_minute: number; until_minute: number; kind: string }[];
}

export interface Switch {
  off: boolean;
  rule_id?: number;
  learner_id?: string;
}

/** What the rule editor asks of one lesson. */
export class RulesApi {
  #path: string;

  constructor(lessonId: string) {
    this.#path = `/api/v1/lessons/${lessonId}/rules`;
  }

  rules = (): Promise<Rules> => request("GET", `${this.#path}/`);

  make = (title: string, template: string, spec: Spec): Promise<Rule> =>
    request("POST", `${this.#path}/`, { title, template, spec });

  change = (rule: number, spec: Spec): Promise<Version> =>
    request("POST", `${this.#path}/${rule}/versions`, { spec });

  versions = (rule: number): Promise<Version[]> => request("GET", `${this.#path}/${rule}/versions`);

  remove = (rule: number): Promise<unknown> => request("DELETE", `${this.#path}/${rule}`);

  switch = (change: Switch): Promise<unknown> => request("POST", `${this.#path}/switch`, change);

  /** `rule`: of which it would be a new version. */
  preview = (spec: Spec, session: string | null, rule: number | null): Promise<Preview> =>
    request("POST", `${this.#path}/preview`, { spec, session_id: session, rule_id: rule });
}
