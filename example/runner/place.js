// @ts-check
/**
 * Loaded before a program that the runner starts: moves it from node-ipc's default places, which something may use
 * already, to those of the run. Started by hand, the programs use the defaults.
 */
import ipc from 'omni-ipc';

const { EXAMPLE_ROOT, EXAMPLE_PORT } = process.env;
if (EXAMPLE_ROOT) ipc.config.socketRoot = EXAMPLE_ROOT;
if (EXAMPLE_PORT) ipc.config.networkPort = Number(EXAMPLE_PORT);
