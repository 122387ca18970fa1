import type { QuestionDocument } from "../api/schema";
import { gettext, interpolate } from "../text";

/** Returns a question with its right answers and feedback as lines of text. */
export function describeQuestion(question: QuestionDocument): string {
  const right = gettext("right");
  const lines = [
    question.prompt,
    ...question.choices.map((choice) => `- ${choice.text}${choice.right ? ` (${right})` : ""}`),
    ...question.accepted.map((text) => `${text} (${right})`),
    question.number === null ? "" : formatNumber(question.number, question.tolerance),
    formatFeedback(gettext("Feedback for a right answer"), question.when_right),
    formatFeedback(gettext("Feedback for a wrong answer"), question.when_wrong),
  ];
  return lines.filter((line) => line !== "").join("\n");
}

function formatNumber(number: number, tolerance: number): string {
  const right = `${number} (${gettext("right")})`;
  if (tolerance === 0) return right;
  return `${right}, ${interpolate(gettext("tolerance %(tolerance)s"), { tolerance })}`;
}

function formatFeedback(label: string, text: string): string {
  return text && `${label}: ${text}`;
}
