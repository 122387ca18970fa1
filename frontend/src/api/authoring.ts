import { request } from "./http";
import type {
  AuthoredLesson,
  AuthoredPicture,
  AuthoredStep,
  Course,
  CreatedLesson,
  Html,
  LessonUpdateRequest,
  StepDocumentRequest,
} from "./schema";

/** Revision of a picture where a step has none. */
const NO_PICTURE = "none";

/** REST endpoints for the author of one lesson. */
export class AuthorApi {
  #path: string;

  constructor(readonly lessonId: string) {
    this.#path = `/api/v1/lessons/${lessonId}`;
  }

  get exportUrl(): string {
    return `${this.#path}/export`;
  }

  getLesson = (): Promise<AuthoredLesson> => request("GET", `${this.#path}/`);

  updateLesson = (head: LessonUpdateRequest): Promise<AuthoredLesson> =>
    request("PUT", `${this.#path}/`, head);

  deleteLesson = (): Promise<unknown> => request("DELETE", `${this.#path}/`);

  addStep = (title: string): Promise<AuthoredStep> =>
    request("POST", `${this.#path}/steps/`, { title });

  /** `base`: the order that was shown. */
  orderSteps = (steps: number[], base: number[]): Promise<unknown> =>
    request("PUT", `${this.#path}/steps/`, { steps, base });

  updateStep = (
    id: number,
    revision: number,
    content: StepDocumentRequest,
  ): Promise<AuthoredStep> => request("PUT", `/api/v1/steps/${id}/`, { ...content, revision });

  /** `revision`: of the step that was shown. */
  deleteStep = (id: number, revision: number): Promise<unknown> =>
    request("DELETE", `/api/v1/steps/${id}/?revision=${revision}`);

  /** `base`: the picture that was shown, as for the next two. */
  setPicture = (
    id: number,
    file: File,
    alternativeText: string,
    base: AuthoredPicture | null,
  ): Promise<AuthoredPicture> => {
    const form = new FormData();
    form.append("file", file);
    form.append("alternative_text", alternativeText);
    form.append("revision", base?.revision ?? NO_PICTURE);
    return request("PUT", `/api/v1/steps/${id}/picture`, form);
  };

  describePicture = (
    id: number,
    alternativeText: string,
    base: AuthoredPicture,
  ): Promise<AuthoredPicture> =>
    request("PATCH", `/api/v1/steps/${id}/picture`, {
      alternative_text: alternativeText,
      revision: base.revision,
    });

  deletePicture = (id: number, base: AuthoredPicture): Promise<unknown> =>
    request("DELETE", `/api/v1/steps/${id}/picture?picture_revision=${base.revision}`);

  renderMarkdown = (markdown: string): Promise<Html> =>
    request("POST", "/api/v1/markdown", { markdown }, { repeatable: true });
}

export const listCourses = (): Promise<Course[]> => request("GET", "/api/v1/courses/");

export const createLesson = (courseId: number, title: string): Promise<CreatedLesson> =>
  request("POST", `/api/v1/courses/${courseId}/lessons/`, { title });

export const importLesson = (courseId: number, file: File): Promise<CreatedLesson> => {
  const form = new FormData();
  form.append("file", file);
  return request("POST", `/api/v1/courses/${courseId}/lessons/import`, form);
};
