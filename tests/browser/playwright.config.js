// BOXEL_URL: where the built page is served (default: this config serves it itself).
// BOXEL_DIST, BOXEL_PACKAGE: the built page and package (default: dist, target/package/boxel). CHROMIUM: the browser
// (default: Debian's).

import { defineConfig } from "@playwright/test";

export const DIST = process.env.BOXEL_DIST ?? new URL("../../dist", import.meta.url).pathname;
export const PACKAGE = process.env.BOXEL_PACKAGE ?? new URL("../../target/package/boxel", import.meta.url).pathname;
const own_port = 4173;
const url = process.env.BOXEL_URL ?? `http://127.0.0.1:${own_port}/`;
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
// No traffic of the browser's own: the tests look at every request.
const quiet = [
  "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const MINUTE = 60_000;

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  // More than cores: a test waits now and then.
  workers: 3,
  fullyParallel: true,
  // A shared machine may starve a browser; what passes the second time is listed as flaky.
  retries: 1,
  forbidOnly: true,
  reporter: [["list"]],
  timeout: 5 * MINUTE,
  expect: { timeout: 2 * MINUTE },
  use: { baseURL: url.endsWith("/") ? url : `${url}/`, viewport: { width: 1280, height: 900 },
    // Each test would fetch all files once more; offline.spec.js and proof.spec.js are about it.
    serviceWorkers: "block" },
  ...(process.env.BOXEL_URL ? {} : {
    webServer: { command: `node server.js ${JSON.stringify(DIST)} ${own_port}`, url, reuseExistingServer: false },
  }),
  projects: [
    {
      // SwiftShader: right, and slow. Minutes for one encoding, shader compilation included.
      name: "gpu",
      testMatch: "gpu*.spec.js",
      timeout: 40 * MINUTE,
      use: {
        launchOptions: {
          executablePath: chromium,
          args: [...quiet, "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
        },
      },
    },
    {
      name: "cpu",
      // Firefox's tests have a runner of their own.
      testIgnore: ["gpu*.spec.js", "firefox/**"],
      use: { reuseContext: true, launchOptions: { executablePath: chromium, args: quiet } },
    },
  ],
});
