// Loaded into the program that the bootstrap starts, before the program itself.

/** Copies of one Ctrl-C (from the terminal, npm and the bootstrap) arrive within this time; a person's second one comes later. */
const ONE_SIGNAL_MS = 400;

const heard = new Map();
const emit = process.emit;

process.emit = function emitOnce(event, ...rest) {
  if (event === 'SIGINT' || event === 'SIGTERM' || event === 'SIGHUP') {
    const now = performance.now();
    const before = heard.get(event);
    if (before !== undefined && now - before < ONE_SIGNAL_MS) return true;
    heard.set(event, now);
  }
  return Reflect.apply(emit, this, [event, ...rest]);
};

if (process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
