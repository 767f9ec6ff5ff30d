// What axe-core says of the page as it is.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {(page: import("@playwright/test").Page) => Promise<string[]>} */
export async function faults_of(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap((/** @type {any} */ { id, impact, nodes }) =>
      nodes.map((/** @type {any} */ { target, failureSummary }) =>
        `${impact} ${id}: ${target.join(" ")}: ${failureSummary}`));
  });
}
