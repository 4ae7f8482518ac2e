"""The inventory as text for a person who is about to drop it."""

from __future__ import annotations

from entrypoint.commands.rollback.inventory import Inventory
from entrypoint.output.page import Page, size


def inventory_text(inventory: Inventory, *, color: bool) -> str:
    """Return what a rollback would drop, and the command that would do it."""
    page = Page(color=color)
    where = f"{inventory.database} (PostgreSQL {inventory.server_version})"
    if not inventory.tables and not inventory.objects:
        page.heading(f"Nothing of the product is in {where}")
        page.line("There is nothing to drop.")
        return page.text()
    stamp = f", stamped {inventory.stamp}" if inventory.stamp else ""
    page.heading(f"A rollback would drop from {where}, release {inventory.release}{stamp}")
    page.table(
        [
            (
                content.table,
                f"{content.rows:,}",
                "row" if content.rows == 1 else "rows",
                size(content.size_bytes),
            )
            for content in inventory.tables
        ],
        right=(1, 3),
    )
    others = ", ".join(f"{count} {category}" for category, count in inventory.objects.items())
    page.paragraph(f"and {others}, and the ledger in schema entrypoint.")
    page.paragraph("Extensions and objects of others stay.")
    page.heading("Nothing was dropped. To write a backup, prove it, and then drop:")
    name = f"={inventory.database}" if inventory.production else ""
    page.line(f"morse-entrypoint rollback --confirm{name} --save-backup")
    return page.text()
