'use strict';

/** Apart from run.cjs, because the oldest Nodes do not even parse `import()`. */
module.exports = (argv) => import('./src/main.mjs').then(({ main }) => main(argv));
