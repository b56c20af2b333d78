/** The specs that drive the built website in headless Chromium: `npm run test:docs`, which builds it first. */
import { fileURLToPath } from 'node:url';
import { runWithBrowser } from '../support/browser.js';

await runWithBrowser(fileURLToPath(new URL('pages.js', import.meta.url)), 'the website');
