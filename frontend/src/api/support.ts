import { request } from "./http";
import type { SharedReport, SupportedLearner } from "./schema";

export const getSupportedLearner = (linkId: string): Promise<SupportedLearner> =>
  request("GET", `/api/v1/support/${linkId}/`);

export const getSharedReport = (linkId: string, sessionId: string): Promise<SharedReport> =>
  request("GET", `/api/v1/support/${linkId}/sessions/${sessionId}/report`);
