import { request } from "./http";
import type { LearnerGroup, LearnerGroupRequest, LearnerGroups } from "./schema";

/** REST endpoints of the learner groups of a lesson's course. */
export class GroupsApi {
  #path: string;

  constructor(lessonId: string) {
    this.#path = `/api/v1/lessons/${lessonId}/groups/`;
  }

  list = (): Promise<LearnerGroups> => request("GET", this.#path);

  create = (group: LearnerGroupRequest): Promise<LearnerGroup> =>
    request("POST", this.#path, group);

  update = (id: number, group: LearnerGroupRequest): Promise<LearnerGroup> =>
    request("PUT", `${this.#path}${id}`, group);

  delete = (id: number): Promise<unknown> => request("DELETE", `${this.#path}${id}`);
}
