// @ts-check
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of the website. */
export const website = join(root, 'website');

/** The folder of the pages from which the site is built: copies of the documents, and pages generated from the sources. */
export const pages = join(website, '.pages');

/** The folder of the built site. */
export const built = join(website, 'dist');
