/**
 * Modules of Node that are not imported by name: to load them takes a program milliseconds at its start, and memory that
 * each run of the garbage collector walks.
 */

/** Importing it would load its promises and streams, and readline. */
export const fs = process.getBuiltinModule('node:fs');

/** Loaded by the first call, as those that follow. */
export const nodeCluster = () => process.getBuiltinModule('node:cluster');
export const nodeCrypto = () => process.getBuiltinModule('node:crypto');
export const nodeDgram = () => process.getBuiltinModule('node:dgram');
export const nodeDns = () => process.getBuiltinModule('node:dns');
export const nodeTls = () => process.getBuiltinModule('node:tls');
