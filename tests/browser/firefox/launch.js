// Debian's Firefox, driven by WebDriver BiDi: Playwright drives a Firefox of its own only.

import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

export const WHY_NOT = existsSync(FIREFOX)
  ? ""
  : `${FIREFOX} is not there: install firefox-esr (on Debian), or name a Firefox in FIREFOX`;

/** Downloads go into a folder without a question.
 * @type {(downloads: string) => Promise<import("puppeteer-core").Browser>} */
export const launch = (downloads) => puppeteer.launch({
  browser: "firefox",
  executablePath: FIREFOX,
  headless: true,
  extraPrefsFirefox: {
    "browser.download.folderList": 2,
    "browser.download.dir": downloads,
    "browser.download.alwaysOpenPanel": false,
    "browser.download.always_ask_before_handling_new_types": false,
    // No traffic of the browser's own, as far as that can be had.
    "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false,
    "browser.safebrowsing.update.enabled": false,
  },
});
