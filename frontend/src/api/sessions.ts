import { request } from "./http";
import type {
  AnswerRequest,
  Baseline,
  CaptureTicket,
  Consent,
  CreatedSession,
  EventRequest,
  GradedAnswer,
  Grants,
  Hint,
  HintAnswerEnum,
  LessonSummary,
  ModeEnum,
  MyReport,
  Report,
  RuleExplanation,
  Session,
  TeacherNotification,
  TimingEnum,
} from "./schema";

/** The consent text version that was shown, with the numbers it states. */
export type ShownText = Pick<Consent, "text_version" | "disclosed_terms">;

/** The language and form in which the text was read, and the supporters shown with it. */
export interface ReadText {
  locale: string;
  form: "standard" | "easy";
  supporters: string[];
}

/** Short: after a loss of network the browser may first try connections that are dead. */
const TICKET_TIMEOUT_MS = 5_000;

/** REST endpoints of one lesson session. */
export class SessionApi {
  #path: string;

  constructor(readonly sessionId: string) {
    this.#path = `/api/v1/sessions/${sessionId}`;
  }

  /** Address of a file of the report, such as `report.pdf`. */
  getUrl = (file: string): string => `${this.#path}/${file}`;

  getSession = (): Promise<Session> => request("GET", `${this.#path}/`);
  getConsent = (): Promise<Consent> => request("GET", `${this.#path}/consent`);

  grantConsent = (shown: ShownText | null, grants: Grants, read: ReadText): Promise<Consent> => {
    const { text_version = "", disclosed_terms = null } = shown ?? {};
    const body = { text_version, disclosed_terms, ...read, ...grants };
    return request("POST", `${this.#path}/consent`, body);
  };

  withdrawConsent = (): Promise<Consent> => request("DELETE", `${this.#path}/consent`);

  /** Grants or withdraws `support_view` only. */
  setSupportView = (
    granted: boolean,
    shown: ShownText | null,
    supporters: string[],
  ): Promise<Consent> =>
    request("PATCH", `${this.#path}/consent`, {
      support_view: granted,
      ...(granted
        ? {
            text_version: shown?.text_version,
            disclosed_terms: shown?.disclosed_terms,
            supporters,
          }
        : {}),
    });

  createTicket = (mode: ModeEnum): Promise<CaptureTicket> =>
    request(
      "POST",
      `${this.#path}/capture-ticket`,
      { mode },
      { repeatable: true, timeoutMs: TICKET_TIMEOUT_MS },
    );

  sendEvents = (events: EventRequest[], keepalive = false): Promise<unknown> =>
    request("POST", `${this.#path}/events`, { events }, { keepalive, repeatable: true });

  submitAnswer = (answer: AnswerRequest): Promise<GradedAnswer> =>
    request("POST", `${this.#path}/answers`, answer, { repeatable: true });

  answerHint = (hintId: number | string, answer: HintAnswerEnum, key: string): Promise<unknown> =>
    request("POST", `${this.#path}/hints/${hintId}/answer`, { answer }, { key });

  listHints = (): Promise<Hint[]> => request("GET", `${this.#path}/hints`);

  requestHint = (stepId: number, key: string): Promise<Hint> =>
    request("POST", `${this.#path}/hints`, { step_id: stepId }, { key });

  rateTiming = (hintId: number | string, timing: TimingEnum): Promise<unknown> =>
    request("POST", `${this.#path}/hints/${hintId}/timing`, { timing });

  explainRules = (): Promise<RuleExplanation[]> => request("GET", `${this.#path}/why`);

  getBaseline = (): Promise<Baseline> => request("GET", `${this.#path}/baseline`);
  resetBaseline = (): Promise<unknown> => request("DELETE", `${this.#path}/baseline`);

  leave = (key: string): Promise<unknown> => request("POST", `${this.#path}/leave`, {}, { key });
  /** Sets when the session closes by itself; null: when a teacher closes it. */
  setClosingTime = (closes_at: string | null): Promise<Session> =>
    request("PATCH", `${this.#path}/`, { closes_at });

  end = (): Promise<unknown> => request("POST", `${this.#path}/end`, {});
  getReport = (): Promise<Report> => request("GET", `${this.#path}/report`);
  getMyReport = (): Promise<MyReport> => request("GET", `${this.#path}/my-report`);

  /** Corrects the window starting at `start`; an empty `value` removes the correction. */
  correctWindow = (start: string, value: string, text: string): Promise<unknown> =>
    request("POST", `${this.#path}/my-report/correction`, { start, value, text });

  listNotifications = (): Promise<TeacherNotification[]> =>
    request("GET", `${this.#path}/teacher-notifications`);

  markNotificationSeen = (id: number): Promise<unknown> =>
    request("POST", `${this.#path}/teacher-notifications/${id}/seen`);
}

export const listLessons = (): Promise<LessonSummary[]> => request("GET", "/api/v1/lessons/");

export const startSession = (
  lessonId: number,
  closes_at: string | null = null,
  activity_id: number | null = null,
): Promise<CreatedSession> =>
  request("POST", `/api/v1/lessons/${lessonId}/sessions/`, { closes_at, activity_id });
