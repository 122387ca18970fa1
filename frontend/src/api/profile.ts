import { request } from "./http";
import type { LeftAlone, Profile, ThresholdShift, ThresholdShifts } from "./schema";

const PROFILE = "/api/v1/me/profile";
const HINTS_PAUSED = "/api/v1/me/left-alone";
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
  request<LeftAlone>("GET", HINTS_PAUSED).then(({ left_alone }) => left_alone);

export const resumeHints = (): Promise<unknown> => request("DELETE", HINTS_PAUSED);

export const getThresholdShifts = (): Promise<ThresholdShifts> => request("GET", THRESHOLDS);

export const setThresholdShifts = (thresholds: ThresholdShift[]): Promise<unknown> =>
  request("PUT", THRESHOLDS, { thresholds });
