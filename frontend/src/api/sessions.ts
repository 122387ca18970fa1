import { request } from "./http";
import type { Baseline, HintSoFar, Marked, StepAnswer } from "./lesson-types";
import type {
  ConsentInfo,
  Grants,
  LessonEvent,
  LessonListItem,
  MyReport,
  Report,
  SessionInfo,
  Ticket,
} from "./types";

/** What a page asks of one lesson session. */
export class SessionApi {
  #path: string;

  constructor(sessionId: string) {
    this.#path = `/api/v1/sessions/${sessionId}`;
  }

  session = (): Promise<SessionInfo> => request("GET", `${this.#path}/`);
  consent = (): Promise<ConsentInfo> => request("GET", `${this.#path}/consent`);

  /**
   * `asked`: the text that was answered and the numbers in it; `read`: in which language and form
   * it was read, and which supporters stood beside it.
   */
  grant = (
    asked: Pick<ConsentInfo, "text_version" | "promised"> | null,
    grants: Grants,
    read: { locale: string; form: string; supporters: string[] },
  ): Promise<ConsentInfo> => {
    const { text_version = "", promised = null } = asked ?? {};
    return request("POST", `${this.#path}/consent`, { text_version, promised, ...read, ...grants });
  };

  withdraw = (): Promise<ConsentInfo> => request("DELETE", `${this.#path}/consent`);

  /** A yes or no to being seen by the supporters that were shown; all else stays as it is. */
  shareWithSupporters = (
    yes: boolean,
    asked: Pick<ConsentInfo, "text_version" | "promised"> | null,
    supporters: string[],
  ): Promise<ConsentInfo> =>
    request("PATCH", `${this.#path}/consent`, {
      support_view: yes,
      ...(yes ? { text_version: asked?.text_version, promised: asked?.promised, supporters } : {}),
    });

  ticket = (mode: "frames" | "scores" | "lesson"): Promise<Ticket> =>
    request("POST", `${this.#path}/capture-ticket`, { mode });

  events = (events: LessonEvent[], outlives = false): Promise<unknown> =>
    request("POST", `${this.#path}/events`, { events }, outlives);

  answer = (answer: StepAnswer): Promise<Marked> =>
    request("POST", `${this.#path}/answers`, answer);

  hints = (): Promise<HintSoFar[]> => request("GET", `${this.#path}/hints`);

  askForHint = (stepId: number): Promise<HintSoFar> =>
    request("POST", `${this.#path}/hints`, { step_id: stepId });

  why = (): Promise<{ title: string; at: string; why: string }[]> =>
    request("GET", `${this.#path}/why`);

  baseline = (): Promise<Baseline> => request("GET", `${this.#path}/baseline`);
  forgetBaseline = (): Promise<unknown> => request("DELETE", `${this.#path}/baseline`);

  leave = (): Promise<unknown> => request("POST", `${this.#path}/leave`, {});
  end = (): Promise<unknown> => request("POST", `${this.#path}/end`, {});
  report = (): Promise<Report> => request("GET", `${this.#path}/report`);
  myReport = (): Promise<MyReport> => request("GET", `${this.#path}/my-report`);

  /** The learner's own word on the ten seconds from `start`; `said` empty takes it back. */
  ownWord = (start: string, said: string, words: string): Promise<unknown> =>
    request("POST", `${this.#path}/my-report/word`, { start, said, words });
}

export const lessonList = (): Promise<LessonListItem[]> => request("GET", "/api/v1/lessons/");

export const openSession = (lessonId: number): Promise<{ id: string }> =>
  request("POST", `/api/v1/lessons/${lessonId}/sessions/`, {});
