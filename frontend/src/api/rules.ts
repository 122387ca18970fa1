import { request } from "./http";
import type {
  LessonRules,
  Rule,
  RulePreview,
  RuleSpec,
  RuleSwitchRequest,
  RuleVersion,
} from "./schema";

/** REST endpoints of a lesson's rules. */
export class RulesApi {
  #path: string;

  constructor(lessonId: string) {
    this.#path = `/api/v1/lessons/${lessonId}/rules`;
  }

  list = (): Promise<LessonRules> => request("GET", `${this.#path}/`);

  create = (title: string, template: string, spec: RuleSpec): Promise<Rule> =>
    request("POST", `${this.#path}/`, { title, template, spec });

  /** `base`: number of the version that was changed. */
  addVersion = (ruleId: number, spec: RuleSpec, base: number): Promise<RuleVersion> =>
    request("POST", `${this.#path}/${ruleId}/versions`, { spec, base });

  listVersions = (ruleId: number): Promise<RuleVersion[]> =>
    request("GET", `${this.#path}/${ruleId}/versions`);

  delete = (ruleId: number): Promise<unknown> => request("DELETE", `${this.#path}/${ruleId}`);

  setSwitch = (change: RuleSwitchRequest): Promise<unknown> =>
    request("POST", `${this.#path}/switch`, change);

  /** Runs on a recorded session, or on a simulated class where `sessionId` is null. */
  preview = (
    spec: RuleSpec,
    sessionId: string | null,
    ruleId: number | null,
  ): Promise<RulePreview> =>
    request(
      "POST",
      `${this.#path}/preview`,
      { spec, session_id: sessionId, rule_id: ruleId },
      { repeatable: true },
    );
}
