/** Parsing of minutes without hints. */

type Span = [number, number];

const SPAN = /^(\d{1,3})\s*(?:-|\u2013|to)\s*(\d{1,3})$/;

/** Parses "0-5, 20-25" to pairs; null where invalid. */
export function parseSpans(input: string): Span[] | null {
  const spans = input
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => SPAN.exec(part))
    .map((match): Span | null => match && [Number(match[1]), Number(match[2])]);
  const valid = spans.filter((span) => span !== null && span[0] < span[1]) as Span[];
  return valid.length === spans.length ? valid : null;
}

export function formatSpans(spans: Span[]): string {
  return spans.map(([from, until]) => `${from}-${until}`).join(", ");
}
