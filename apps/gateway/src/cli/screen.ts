import type { Terminal } from './surroundings.ts';

/** A picture that fills the terminal, and leaves it as it was. */
export interface Screen extends Disposable {
  /** Shows this in place of what was shown; what does not fit is cut off. */
  draw(text: string): void;
}

const begin = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const end = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const home = '\u001B[H';
const restOfLine = '\u001B[K';
const restOfScreen = '\u001B[J';

/** Takes another buffer of the terminal for as long as it is open (ECMA-48, and the private modes 7, 25 and 1049 that terminals share with xterm). */
export function openScreen(terminal: Terminal): Screen {
  let shown = '';
  const paint = (): void => {
    const lines = shown.split('\n').slice(0, terminal.rows);
    // Nothing is cleared before it is written anew, so that nothing flickers. Lines do not wrap: the terminal cuts them.
    terminal.write(`${home}${lines.map((line) => line + restOfLine).join('\r\n')}${restOfScreen}`);
  };
  const stopResizing = terminal.onResize(paint);
  terminal.write(begin);
  return {
    draw(text) {
      shown = text;
      paint();
    },
    [Symbol.dispose]() {
      stopResizing();
      terminal.write(end);
    },
  };
}
