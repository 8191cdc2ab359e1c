import { createToolIndex, staticEmbedder } from '@toolyard/native-index';

await using embedder = await staticEmbedder();
await using index = await createToolIndex({ embedder });

await index.upsert([
  { id: 'mail__send', server: 'mail', name: 'send_email', description: 'Sends an email to somebody.' },
  { id: 'mail__find', server: 'mail', name: 'search_emails', description: 'Finds emails by words in them.' },
  { id: 'sky__forecast', server: 'sky', name: 'get_forecast', description: 'Weather for the next days.' },
  { id: 'disk__read', server: 'disk', name: 'read_file', description: 'Reads a file from disk.' },
]);

const { hits } = await index.search('will it rain tomorrow?', { limit: 1 });
console.log(hits.map(({ id }) => id));

const why = await index.explain('write an email to Ann', 'mail__send');
console.log(why?.rank, why?.terms[0]?.term, why?.terms[0]?.fields);

const parts = await index.search('read the file. Then send it to Ann by email', { limit: 2 });
console.log(parts.hits.map(({ id }) => id).toSorted());
