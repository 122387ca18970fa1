import { request } from "./http";
import type { MyReport } from "./types";

/** What a learner shares with the support person who asks. */
export interface Supported {
  id: string;
  learner: string;
  course: string;
  sittings: Sitting[];
}

export interface Sitting {
  session_id: string;
  lesson: string;
  started_at: string;
}

export type SharedReport = MyReport;

export const supported = (link: string): Promise<Supported> =>
  request("GET", `/api/v1/support/${link}/`);

export const sharedReport = (link: string, sessionId: string): Promise<SharedReport> =>
  request("GET", `/api/v1/support/${link}/sessions/${sessionId}/report`);
