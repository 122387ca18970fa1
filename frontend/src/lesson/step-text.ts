import { element } from "../dom";

export type Block = { kind: "paragraph"; text: string } | { kind: "list"; items: string[] };

/** Plain text to blocks: blank lines part paragraphs, lines that begin with "- " are a list. */
export function blocksOf(body: string): Block[] {
  return body
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .flatMap(splitLists);
}

function splitLists(part: string): Block[] {
  const blocks: Block[] = [];
  for (const line of part.split("\n").map((each) => each.trim())) {
    const last = blocks.at(-1);
    if (!line.startsWith("- ")) {
      if (last?.kind === "paragraph") last.text += `\n${line}`;
      else blocks.push({ kind: "paragraph", text: line });
    } else if (last?.kind === "list") last.items.push(line.slice(2));
    else blocks.push({ kind: "list", items: [line.slice(2)] });
  }
  return blocks;
}

export function renderBlocks(body: string): HTMLElement[] {
  return blocksOf(body).map((block) =>
    block.kind === "paragraph"
      ? element("p", { class: "as-written" }, block.text)
      : element("ul", {}, ...block.items.map((item) => element("li", {}, item))),
  );
}
