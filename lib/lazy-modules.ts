/**
 * Node modules that are loaded without an import. Importing them would add milliseconds to the start of a program, and
 * memory that each garbage collection must scan.
 */

/** An import would also load fs/promises, streams, and readline. */
export const fs = process.getBuiltinModule('node:fs');

/** Loaded on first use, like those below. */
export const nodeCluster = () => process.getBuiltinModule('node:cluster');
export const nodeCrypto = () => process.getBuiltinModule('node:crypto');
export const nodeDgram = () => process.getBuiltinModule('node:dgram');
export const nodeDns = () => process.getBuiltinModule('node:dns');
export const nodeTls = () => process.getBuiltinModule('node:tls');
export const nodeV8 = () => process.getBuiltinModule('node:v8');
