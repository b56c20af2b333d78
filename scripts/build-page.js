// @ts-check
/**
 * Builds dist/web/, the page of `omni-ipc web`, from the output of tsc in .bundle/web/: one script that includes the chart library,
 * one style sheet, and the license of that library.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'cli', 'web', 'page');
const compiled = join(root, '.bundle', 'web', 'cli', 'web', 'page');
const library = join(root, 'node_modules', 'uplot');
const web = join(root, 'dist', 'web');

export async function buildPage() {
  mkdirSync(web, { recursive: true });
  const bundle = await rollup({
    input: join(compiled, 'main.js'),
    plugins: [
      {
        name: 'chart library',
        resolveId: (name) => (name === 'uplot' ? join(library, 'dist', 'uPlot.esm.js') : null),
      },
    ],
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  await bundle.write({ file: join(web, 'app.js'), format: 'es', generatedCode: { preset: 'es2015' } });
  await bundle.close();
  const styles = [join(library, 'dist', 'uPlot.min.css'), join(sources, 'app.css')];
  writeFileSync(join(web, 'app.css'), styles.map((file) => readFileSync(file, 'utf8')).join('\n'));
  for (const name of ['index.html', 'icon.svg']) copyFileSync(join(sources, name), join(web, name));
  copyFileSync(join(library, 'LICENSE'), join(web, 'LICENSE-uPlot.txt'));
}
