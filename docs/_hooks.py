"""MkDocs hooks: project files that live outside docs/ become pages, links to source become text."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
PROJECT_PAGES = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security-policy.md",
    "CODE_OF_CONDUCT.md": "project/code-of-conduct.md",
    "inference/weights/MODEL_CARD.md": "models/mobilenet_v2.md",
    "inference/weights/efficientnet_b0.md": "models/efficientnet_b0.md",
    "inference/weights/mobilenet_v3_large.md": "models/mobilenet_v3_large.md",
    "inference/weights/mobilenet_v3_small.md": "models/mobilenet_v3_small.md",
    "inference/weights/DATA_SHEET.md": "models/data_sheet.md",
}
"""Path in the repository -> path in the site."""
SOURCE_OF_PAGE = {site: f"../{source}" for source, site in PROJECT_PAGES.items()}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]*)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig, **_: Any) -> Files:
    """Add the project's own Markdown files to the site."""
    for source, site in PROJECT_PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, site, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Point links at the site's pages; a link to a source file becomes its text."""
    site_path = page.file.src_uri
    folder = posixpath.dirname(
        posixpath.normpath(f"docs/{SOURCE_OF_PAGE.get(site_path, site_path)}")
    )
    here = posixpath.dirname(site_path)

    def replace(match: "re.Match[str]") -> str:
        image, text, target, fragment = match.groups()
        if not target or ":" in target:
            return match.group(0)
        path = posixpath.normpath(posixpath.join(folder, target))
        if path in PROJECT_PAGES:
            in_site = PROJECT_PAGES[path]
        elif path.startswith("docs/"):
            in_site = path.removeprefix("docs/")
        elif (ROOT / path).exists():
            return f"`{path}`" if text.strip("`") == path else f"{text} (`{path}`)"
        else:
            return match.group(0)  # reported by MkDocs as a dead link
        return f"{image}[{text}]({posixpath.relpath(in_site, here or '.')}{fragment or ''})"

    return LINK.sub(replace, markdown)
