/** The specs that drive the page of `omni-ipc web` in headless Chromium: `npm run test:web`. */
import { fileURLToPath } from 'node:url';
import { runWithBrowser } from '../support/browser.js';

await runWithBrowser(fileURLToPath(new URL('page.js', import.meta.url)), 'the web view');
