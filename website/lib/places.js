// @ts-check
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The website's own folder. */
export const website = join(root, 'website');

/** The pages that it is built from: copies of the documents, and what is made out of the sources. */
export const pages = join(website, '.pages');

/** The built site. */
export const built = join(website, 'dist');
