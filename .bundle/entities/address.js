/** An address as a person writes it. */
export function describe(address) {
    if (address.transport === 'local')
        return address.path.replace(/^\0/, '@');
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    return `${host}:${address.port}`;
}
//# sourceMappingURL=address.js.map