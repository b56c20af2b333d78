/** As `inspect` of node:util, which is loaded only when there is something to show. */
export function inspect(value, options) {
    return process.getBuiltinModule('node:util').inspect(value, options);
}
//# sourceMappingURL=inspect.js.map