// The list of objects: what has not changed is not made anew.

import { own_case } from "./golden.js";
import { open_with_mask, type_box, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

test("the rows of other objects stay, and so does the focus", async ({ page }) => {
  await open_with_mask(page, own_case("mr_brain"));
  await type_box(page, [20, 20, 60, 60]);
  await wait_for_masks(page, 2);
  await page.evaluate(() => {
    const row = document.querySelector('[data-act="hide 1"]')?.closest("li");
    if (row) row.dataset.same = "yes";
  });
  const hide = page.locator('[data-act="hide 2"]');
  await hide.focus();
  await hide.click();
  await expect(hide).toHaveAttribute("aria-pressed", "true");
  await expect(hide).toBeFocused();
  await page.click("#undo");
  await expect(hide).toHaveAttribute("aria-pressed", "false");
  await expect(page.locator("#boxes > li").nth(0)).toHaveAttribute("data-same", "yes");
  // A lock concerns all of its name, and the row of the selected object says so.
  await page.click('[data-act="lock 1"]');
  await expect(page.locator("[data-same]")).toHaveCount(0);
  await expect(page.locator("#boxes > li")).toHaveCount(2);
});
