import { request } from "./http";
import type { Profile } from "./lesson-types";

const PATH = "/api/v1/me/profile";

export const myProfile = (): Promise<Profile> => request("GET", PATH);

export const changeProfile = (change: Partial<Profile>): Promise<Profile> =>
  request("PATCH", PATH, change);
