// A grid is one tab stop: arrows, Home, End and Page keys move inside it; Enter follows the link.
// The direction of reading turns left and right; nothing else knows about it.

const attach = (table) => {
  const rows = () => [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [...row.querySelectorAll("a[data-at]")]).filter((row) => row.length);
  const go = (link, from) => {
    if (!link) return;
    if (from) from.tabIndex = -1;
    link.tabIndex = 0;
    link.focus({ preventScroll: true });
    reveal(link);
  };
  // Keep the focused cell clear of the sticky head, foot and first column.
  const reveal = (link) => {
    const area = table.closest(".scroll");
    if (!area) return link.scrollIntoView({ block: "nearest", inline: "nearest" });
    const box = link.closest("td").getBoundingClientRect();
    const frame = area.getBoundingClientRect();
    const head = table.tHead ? table.tHead.getBoundingClientRect().height : 0;
    const foot = table.tFoot ? table.tFoot.getBoundingClientRect().height : 0;
    const first = link.closest("tr").querySelector("th")?.getBoundingClientRect().width ?? 0;
    const rtl = getComputedStyle(table).direction === "rtl";
    const [left, right] = rtl ? [frame.left, frame.right - first] : [frame.left + first, frame.right];
    if (box.top < frame.top + head) area.scrollTop -= frame.top + head - box.top;
    else if (box.bottom > frame.bottom - foot) area.scrollTop += box.bottom - frame.bottom + foot;
    if (box.left < left) area.scrollLeft -= left - box.left;
    else if (box.right > right) area.scrollLeft += box.right - right;
  };
  const column = (link) => link.closest("td").cellIndex;
  const nearest = (row, index) => row.reduce((best, link) => (Math.abs(column(link) - index) < Math.abs(column(best) - index) ? link : best), row[0]);

  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("a[data-at]");
    if (!link || event.altKey || event.metaKey) return;
    const grid = rows();
    const y = grid.findIndex((row) => row.includes(link));
    const x = grid[y].indexOf(link);
    const forward = getComputedStyle(table).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const far = (step) => grid[Math.max(0, Math.min(grid.length - 1, y + step))];
    let next = null;
    if (event.key === forward) next = grid[y][x + 1];
    else if (event.key === backward) next = grid[y][x - 1];
    else if (event.key === "ArrowDown") next = grid[y + 1] && nearest(grid[y + 1], column(link));
    else if (event.key === "ArrowUp") next = grid[y - 1] && nearest(grid[y - 1], column(link));
    else if (event.key === "PageDown") next = nearest(far(10), column(link));
    else if (event.key === "PageUp") next = nearest(far(-10), column(link));
    else if (event.key === "Home") next = event.ctrlKey ? grid[0][0] : grid[y][0];
    else if (event.key === "End") next = event.ctrlKey ? grid.at(-1).at(-1) : grid[y].at(-1);
    else return;
    event.preventDefault();
    go(next, link);
  });
  table.addEventListener("focusin", (event) => {
    const link = event.target.closest("a[data-at]");
    if (!link) return;
    for (const other of table.querySelectorAll('a[data-at][tabindex="0"]')) if (other !== link) other.tabIndex = -1;
    link.tabIndex = 0;
  });
  const current = table.querySelector("a[data-at][aria-current]") ?? table.querySelector("a[data-at]");
  for (const link of table.querySelectorAll("a[data-at]")) link.tabIndex = -1;
  if (current) {
    current.tabIndex = 0;
    if (current.hasAttribute("aria-current")) reveal(current);
  }
};

for (const table of document.querySelectorAll("table[data-grid]")) attach(table);
