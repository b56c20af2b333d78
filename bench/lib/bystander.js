// A member of a channel that does nothing. Arguments: the channel's module, and its options as JSON.
const [module, options] = process.argv.slice(2);
const { Channel } = await import(module);
const channel = new Channel(JSON.parse(options));
await channel.ready();
process.send('ready');
process.once('disconnect', () => process.exit());
