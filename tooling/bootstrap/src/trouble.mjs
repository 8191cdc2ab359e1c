/** Something that the person at the machine can put right; `message` is one sentence that says how. */
export class Trouble extends Error {}

/** What a tool printed, and one sentence about what it means. */
export class ToolTrouble extends Trouble {
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/** Everything goes to stderr: stdout belongs to the program that is started. */
export function say(text) {
  process.stderr.write(`toolyard: ${text}\n`);
}

/** Runs `work`, and says `text` if it takes longer than `afterMs`. */
export async function sayIfSlow(text, work, afterMs = 1500) {
  const timer = setTimeout(() => say(text), afterMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
