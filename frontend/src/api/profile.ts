import { request } from "./http";
import type { Profile } from "./lesson-types";

const PATH = "/api/v1/me/profile";

export const myProfile = (): Promise<Profile> => request("GET", PATH);

const ALONE = "/api/v1/me/left-alone";

/** Whether "leave me alone today" holds, in whichever sitting it was said. */
export const leftAlone = (): Promise<boolean> =>
  request<{ left_alone: boolean }>("GET", ALONE).then(({ left_alone }) => left_alone);

export const letHintsCome = (): Promise<unknown> => request("DELETE", ALONE);

export const changeProfile = (change: Partial<Profile>): Promise<Profile> =>
  request("PATCH", PATH, change);
