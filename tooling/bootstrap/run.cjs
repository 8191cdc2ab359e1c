// Where every npm script of the repository begins. Old Nodes read this file, so it keeps to the syntax of 2009; what needs a newer Node is in src.
'use strict';

var OLDEST = 16;
var major = parseInt(process.versions.node, 10);

if (major < OLDEST) {
  process.stderr.write(
    'toolyard: Node ' +
      process.versions.node +
      ' is too old for the set-up: install Node ' +
      OLDEST +
      ' or newer (24 is best) and run the command again.\n',
  );
  process.exitCode = 1;
} else {
  void require('./load.cjs')(process.argv.slice(2));
}
