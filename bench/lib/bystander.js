// An idle member of a channel. Arguments: the module of the channel, and its options as JSON.
const [module, options] = process.argv.slice(2);
const { Channel } = await import(module);
const channel = new Channel(JSON.parse(options));
await channel.ready();
process.send('ready');
process.once('disconnect', () => process.exit());
