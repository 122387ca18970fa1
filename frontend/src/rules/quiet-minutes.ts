/** Parsing of minutes without hints. */

type Span = [number, number];

const SPAN = /^(\d{1,3})\s*(?:-|\u2013|to)\s*(\d{1,3})$/;

/** Parses "0-5, 20-25" to pairs; null where invalid. */
export function parseSpans(written: string): Span[] | null {
  const spans = written
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => SPAN.exec(part))
    .map((found): Span | null => found && [Number(found[1]), Number(found[2])]);
  const good = spans.filter((span) => span !== null && span[0] < span[1]) as Span[];
  return good.length === spans.length ? good : null;
}

export function formatSpans(spans: Span[]): string {
  return spans.map(([from, until]) => `${from}-${until}`).join(", ");
}
