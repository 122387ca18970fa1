/** What authors send and get: docs/teacher/lessons.md. */
import { request } from "../api/http";
import type { StepPicture } from "../api/lesson-types";

export const RUNGS = ["nudge", "explanation", "worked_example"] as const;
export type Rung = (typeof RUNGS)[number];

export const SYMBOLS = [
  "look_again",
  "draw",
  "compare",
  "count",
  "split",
  "read",
  "ask",
  "pause",
] as const;

export interface HintSource {
  rung: Rung;
  text: string;
  simple_text: string;
  symbol: string;
}

export interface QuestionSource {
  kind: "choice" | "text" | "number";
  prompt: string;
  choices: { text: string; right: boolean }[];
  accepted: string[];
  number: number | null;
  tolerance: number;
  when_right: string;
  when_wrong: string;
}

export interface StepContent {
  title: string;
  body: string;
  easy_body: string;
  embed: { url: string; title: string } | null;
  question: QuestionSource | null;
  hints: HintSource[];
}

export interface StepSource extends StepContent {
  id: number;
  revision: number;
  picture: StepPicture | null;
}

export interface LessonHead {
  title: string;
  summary: string;
  minutes: number;
}

export interface LessonSource extends LessonHead {
  id: number;
  course: string;
  held: boolean;
  embed_hosts: string[];
  steps: StepSource[];
}

/** What an author asks of one lesson. */
export class AuthorApi {
  #path: string;

  constructor(readonly lessonId: string) {
    this.#path = `/api/v1/lessons/${lessonId}`;
  }

  get exportUrl(): string {
    return `${this.#path}/export`;
  }

  lesson = (): Promise<LessonSource> => request("GET", `${this.#path}/`);
  change = (head: LessonHead): Promise<unknown> => request("PUT", `${this.#path}/`, head);
  remove = (): Promise<unknown> => request("DELETE", `${this.#path}/`);

  addStep = (title: string): Promise<StepSource> =>
    request("POST", `${this.#path}/steps/`, { title });

  order = (steps: number[]): Promise<unknown> => request("PUT", `${this.#path}/steps/`, { steps });

  changeStep = (id: number, revision: number, content: StepContent): Promise<StepSource> =>
    request("PUT", `/api/v1/steps/${id}/`, { ...content, revision });

  removeStep = (id: number): Promise<unknown> => request("DELETE", `/api/v1/steps/${id}/`);

  setPicture = (id: number, file: File, words: string): Promise<StepPicture> => {
    const form = new FormData();
    form.append("file", file);
    form.append("alternative_text", words);
    return request("PUT", `/api/v1/steps/${id}/picture`, form);
  };

  describePicture = (id: number, words: string): Promise<unknown> =>
    request("PATCH", `/api/v1/steps/${id}/picture`, { alternative_text: words });

  removePicture = (id: number): Promise<unknown> =>
    request("DELETE", `/api/v1/steps/${id}/picture`);

  preview = (markdown: string): Promise<{ html: string }> =>
    request("POST", "/api/v1/markdown", { markdown });
}

export interface Course {
  id: number;
  title: string;
}

export const myCourses = (): Promise<Course[]> => request("GET", "/api/v1/courses/");

export const newLesson = (course: number, title: string): Promise<{ id: number }> =>
  request("POST", `/api/v1/courses/${course}/lessons/`, { title });

export const importLesson = (
  course: number,
  file: File,
): Promise<{ id: number; notices: string[] }> => {
  const form = new FormData();
  form.append("file", file);
  return request("POST", `/api/v1/courses/${course}/lessons/import`, form);
};
