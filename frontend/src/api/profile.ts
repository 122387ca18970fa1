import { request } from "./http";
import type { Snooze, Profile, ThresholdShift, ThresholdShifts } from "./schema";

const PROFILE = "/api/v1/me/profile";
const SNOOZE = "/api/v1/me/snooze";
const THRESHOLDS = "/api/v1/me/thresholds";

export const DEFAULT_PROFILE: Profile = {
  hint_form: "text",
  reading_level: "standard",
  no_camera: false,
  expressions_do_not_fit: false,
  hints_muted: false,
};

export const getProfile = (): Promise<Profile> => request("GET", PROFILE);

export const changeProfile = (change: Partial<Profile>): Promise<Profile> =>
  request("PATCH", PROFILE, change);

/** Whether the learner paused hints for today, in any session. */
export const areHintsPaused = (): Promise<boolean> =>
  request<Snooze>("GET", SNOOZE).then(({ snoozed }) => snoozed);

export const resumeHints = (): Promise<unknown> => request("DELETE", SNOOZE);

export const getThresholdShifts = (): Promise<ThresholdShifts> => request("GET", THRESHOLDS);

export const setThresholdShifts = (thresholds: ThresholdShift[]): Promise<unknown> =>
  request("PUT", THRESHOLDS, { thresholds });
