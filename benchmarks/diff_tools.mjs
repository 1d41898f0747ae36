// Times npm's jsondiffpatch on one pair of JSON files, as diff_tools.py does the others.
// node diff_tools.mjs FOLDER_OF_NODE_MODULES LEFT RIGHT

import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...names] = process.argv.slice(2);
const library = `${folder}/node_modules/jsondiffpatch/lib/index.js`;
const { create } = await import(pathToFileURL(library));
const differ = create({ objectHash: (item) => item.id });
const [left, right] = names.map((name) => JSON.parse(readFileSync(name, "utf8")));

function count(delta) {
  if (delta === undefined) return 0;
  if (Array.isArray(delta)) return 1;
  const inner = Object.entries(delta).filter(([key]) => key !== "_t");
  return inner.reduce((sum, [, value]) => sum + count(value), 0);
}

// What the process had at most: maxRSS would count that of the process that started it too.
function peak() {
  const status = existsSync("/proc/self/status") && readFileSync("/proc/self/status", "utf8");
  const found = status && status.match(/VmHWM:\s+(\d+) kB/);
  return 1024 * (found ? Number(found[1]) : process.resourceUsage().maxRSS);
}

const before = process.memoryUsage().rss;
differ.diff({ a: [1, 2] }, { a: ["1", 2, 3] });
const times = [];
let delta;
let memory;
for (let total = 0; total < 200; total += times.at(-1)) {
  const started = process.cpuUsage();
  delta = differ.diff(left, right);
  const { user, system } = process.cpuUsage(started);
  times.push((user + system) / 1000);
  memory ??= peak() - before;
}
times.sort((a, b) => a - b);
const seconds = times[Math.floor(times.length / 2)] / 1000;
console.log(JSON.stringify({ seconds, changes: count(delta), memory }));
