import { request } from "../api/http";

export interface Person {
  id: string;
  title: string;
}

export interface Group {
  id: number;
  title: string;
  members: string[];
  /** Titles of the rules that are for it. */
  rules: string[];
}

export interface Groups {
  groups: Group[];
  learners: Person[];
}

export type GroupFields = Pick<Group, "title" | "members">;

/** What the page of groups asks of one lesson's course. */
export class GroupsApi {
  #path: string;

  constructor(lessonId: string) {
    this.#path = `/api/v1/lessons/${lessonId}/groups/`;
  }

  all = (): Promise<Groups> => request("GET", this.#path);
  make = (fields: GroupFields): Promise<Group> => request("POST", this.#path, fields);
  change = (id: number, fields: GroupFields): Promise<Group> =>
    request("PUT", `${this.#path}${id}`, fields);
  dissolve = (id: number): Promise<unknown> => request("DELETE", `${this.#path}${id}`);
}
