/** Scrolls as little as needed to show an element; CSS keeps it clear of the sticky bar. */
export function scrollIntoView(node: HTMLElement): void {
  if ("scrollIntoView" in node) node.scrollIntoView({ block: "nearest" });
}
