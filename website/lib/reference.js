// @ts-check
/** Writes the reference of every entry point as pages of Markdown, from the types and docstrings of the sources. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Application, Logger, LogLevel } from 'typedoc';
import { MarkdownPageEvent } from 'typedoc-plugin-markdown';
import { root } from './places.js';

/** Overloads share one docstring, so each of them lacks some of the parameters that the docstring describes. */
const OVERLOAD = /has an @param with name ".*", which was not used/;

/** Members of inline types, setters, and members of types that TypeScript computes: the docstring of their parent describes them. */
const PARTS = /(\.__type\.|\(SetSignature\)|defined in omni-ipc\/,).*does not have any documentation/;

/**
 * @param {string} site the folder of the pages of the website
 * @param {string} folder the folder of the reference, inside `site`
 * @throws Error if a public symbol has no docstring, or a docstring links to something that does not exist
 */
export async function writeReference(site, folder) {
  const services = readdirSync(join(root, 'services')).map((name) =>
    join(root, 'services', name, 'index.ts'),
  );
  const app = await Application.bootstrapWithPlugins({
    entryPoints: [
      join(root, 'index.ts'),
      ...services.filter((file) => existsSync(file) && !/node-ipc/.test(file)),
    ],
    tsconfig: join(root, 'tsconfig.types.json'),
    plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
    out: folder,
    docsRoot: site,
    name: 'Reference',
    readme: 'none',
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    outputFileStrategy: 'members',
    hidePageHeader: true,
    parametersFormat: 'table',
    skipErrorChecking: true,
    validation: { notDocumented: true, notExported: false, invalidLink: true, rewrittenLink: true },
  });
  const complaints = listenTo(app);
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc cannot read the sources');
  for (const module of project.children ?? []) {
    module.name = module.name === 'index' ? 'omni-ipc' : module.name.replace(/^services/, 'omni-ipc');
  }
  app.validate(project);
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    // The generated HTML is not used, so nothing links to it.
    page.contents = page.contents?.replace(/<a id="[^"]*"><\/a> ?/g, '');
  });
  await app.generateOutputs(project);
  if (complaints.length > 0) throw new Error(`The reference is incomplete:\n${complaints.join('\n')}`);
}

/** Collects the warnings of TypeDoc. @returns {string[]} a list to which later warnings are added */
function listenTo(/** @type {Application} */ app) {
  /** @type {string[]} */
  const complaints = [];
  app.logger = new (class extends Logger {
    log(/** @type {string} */ message, /** @type {LogLevel} */ level) {
      if (level < LogLevel.Warn || OVERLOAD.test(message) || PARTS.test(message)) return;
      complaints.push(message);
    }
  })();
  return complaints;
}
