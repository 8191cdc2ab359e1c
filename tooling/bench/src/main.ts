import { benchGateway, gatewayUsage } from './gateway.ts';
import { benchSearch, searchUsage } from './search/bench-search.ts';

const [first = '', ...rest] = process.argv.slice(2);
if (process.argv.includes('--help')) process.stdout.write(`${gatewayUsage}\n${searchUsage}`);
else if (first === 'search') await benchSearch(rest);
else await benchGateway(first === 'gateway' ? rest : process.argv.slice(2));
