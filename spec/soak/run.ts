/**
 * The long campaigns. `npm run soak` runs all of them, one after another, each in its own process.
 * `npm run soak -- NAME [--SETTING=VALUE ...]` runs one. It prints the counts, and fails at the first guarantee that does not
 * hold.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterSuite } from '../support/afterwards.js';
import type { Figures } from './promise.js';

const CAMPAIGNS = [
  'fuzz',
  'hostile',
  'faults',
  'streams',
  'lifecycle',
  'reclaim',
  'channel',
  'nats',
  'load',
  'mixed',
];

const [name, ...settings] = process.argv.slice(2);
if (name === undefined) runAll();
else await run(name);

function runAll(): void {
  for (const campaign of CAMPAIGNS.filter((one) => existsSync(fileOf(one)))) {
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), campaign], {
      stdio: 'inherit',
    });
    if (status !== 0) {
      process.exitCode = 1;
      return;
    }
  }
}

/** A campaign is a module that exports `soak`, or one that runs by itself. */
async function run(campaign: string): Promise<void> {
  if (!existsSync(fileOf(campaign))) {
    console.error(`There is no campaign ${campaign}; there are ${CAMPAIGNS.join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  console.log(`\n${campaign}`);
  const since = performance.now();
  const { soak } = await import(pathToFileURL(fileOf(campaign)).href);
  if (soak === undefined) return;
  try {
    const figures: Figures = await soak(Object.fromEntries(settings.map(settingOf)));
    for (const [key, value] of Object.entries(figures))
      console.log(`  ${key.replaceAll('_', ' ')}: ${value}`);
    console.log(`  seconds: ${Math.round((performance.now() - since) / 1000)}`);
  } catch (error) {
    console.log(`  BROKEN: ${(error as Error).stack}`);
    process.exitCode = 1;
  } finally {
    await afterSuite();
  }
  // A failed campaign may have left processes running.
  if (process.exitCode === 1) process.exit();
}

function fileOf(campaign: string): string {
  return fileURLToPath(new URL(`${campaign}.js`, import.meta.url));
}

/** Parses `--rounds=3` to ['rounds', 3]. A value that is not a number remains a string. */
function settingOf(argument: string): [string, string | number] {
  const [, key = '', value = ''] = argument.match(/^--([^=]+)=(.*)$/) ?? [];
  if (key === '') throw new Error(`${argument} is not a --SETTING=VALUE`);
  return [key, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
}
